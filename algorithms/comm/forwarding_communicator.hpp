#pragma once

#include "algorithms/comm/communicator.hpp"

namespace descent {

/// Passes all of the seam on to another communicator: what stands before one overrides what it changes. A line that is
/// begun through it has the other world's communicator, unless `spawn` is overridden.
class ForwardingCommunicator : public Communicator {
 public:
  int rank() const override { return world_.rank(); }
  int size() const override { return world_.size(); }
  double now() const override { return world_.now(); }
  double stamp() const override { return world_.stamp(); }
  int life() const override { return world_.life(); }

  Task start(const Work& work, Kernel kernel) override;
  void cancel(const Task& task) override { world_.cancel(task); }
  void compute(const Work& work, Kernel kernel) override;
  Snapshot compute_vector(const Work& work, Snapshot deferred, std::size_t computations) override;

  void expect(std::span<const Expected> messages) override { world_.expect(messages); }
  Line spawn(int channel, std::function<void(Communicator&)> program) override;
  Signal make_signal() override { return world_.make_signal(); }

  Request store(const std::string& name, Stored what, std::uint64_t bytes) override;
  std::optional<Stored> recall(const std::string& name) override { return world_.recall(name); }
  void forget(const std::string& name) override { world_.forget(name); }

  std::optional<Reduced> native_allreduce(Snapshot& mine, std::optional<bool> flag, std::uint64_t wire_bytes) override;
  std::unique_ptr<Meeting> meet(Contribution contribution) override;

 protected:
  /// `world` must outlive it. `seed`, `observer`: what the programs that use it are given, as of any communicator. The
  /// world reports messages to its own observer.
  ForwardingCommunicator(Communicator& world, std::uint64_t seed, Observer& observer)
      : Communicator(seed, observer), world_(world) {}

  Communicator& world() const { return world_; }

  Request do_send(int to, Message message) override;
  First do_first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
                 double deadline) override;

 private:
  Communicator& world_;
};

}  // namespace descent
