#pragma once

#include "algorithms/comm/communicator.hpp"
#include "sim/mpi/rank_state.hpp"

#include <functional>
#include <optional>
#include <span>

namespace descent::mpi {

/// The seam on MPI. Kernels run in `start`, on the calling thread; what the pace charges beyond that passes while
/// the line does other things. A rank that dies takes the job with it, as MPI has it.
class MpiCommunicator final : public Communicator {
 public:
  /// `channel` is one of the state's channels.
  MpiCommunicator(RankState& state, int channel);

  int rank() const override { return state_.rank; }
  int size() const override { return state_.size; }
  double now() const override { return state_.clock.now(); }
  int life() const override { return state_.mortality.life(); }
  /// Into a file; takes as long as that takes.
  Request store(const std::string& name, Stored what, std::uint64_t bytes) override;
  std::optional<Stored> recall(const std::string& name) override;
  void forget(const std::string& name) override;
  void expect(std::span<const Expected> messages) override { channel_.ask_ahead(messages); }
  Task start(const Work& work, Kernel kernel) override;
  void cancel(const Task& task) override;
  /// A thread. RunError where MPI or SMPI has none, or the channel is not one of 1…kLines − 1.
  Signal make_signal() override;
  Line spawn(int channel, std::function<void(Communicator&)> program) override;
  /// MPI_Allreduce. What it puts on the wire is not known: reported as one send of `wire_bytes`, by each rank to
  /// itself.
  std::optional<Reduced> native_allreduce(Snapshot& mine, std::optional<bool> flag, std::uint64_t wire_bytes) override;

 protected:
  Request do_send(int to, Message message) override;
  First do_first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
                 double deadline) override;

 private:
  bool take(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages, First& outcome);

  RankState& state_;
  Channel& channel_;
};

/// Prints what went wrong and ends all ranks, with the exit code that the error calls for. Call from a handler.
[[noreturn]] void fail_job(int rank);

}  // namespace descent::mpi
