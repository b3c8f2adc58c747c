#pragma once

#include "algorithms/comm/communicator.hpp"
#include "sim/replay/journal.hpp"
#include "sim/replay/strategy_observer.hpp"

#include <memory>

namespace descent {

/// Forwards to the communicator of a world, and writes down what time decides.
class RecordingCommunicator final : public Communicator {
 public:
  /// `channel`: of the line that `world` is. All of these must outlive the program that uses this.
  RecordingCommunicator(Communicator& world, RankJournals& journals, int channel, std::uint64_t seed);

  int rank() const override { return world_.rank(); }
  int size() const override { return world_.size(); }
  double now() const override;
  double stamp() const override { return world_.now(); }
  int life() const override { return world_.life(); }
  Request store(const std::string& name, Stored what, std::uint64_t bytes) override;
  std::optional<Stored> recall(const std::string& name) override { return world_.recall(name); }
  void forget(const std::string& name) override { world_.forget(name); }
  void expect(std::span<const Expected> messages) override { world_.expect(messages); }
  Task start(const Work& work, Kernel kernel) override;
  void compute(const Work& work, Kernel kernel) override;
  void cancel(const Task& task) override { world_.cancel(task); }
  Signal make_signal() override { return world_.make_signal(); }
  Line spawn(int channel, std::function<void(Communicator&)> program) override;

 protected:
  Request do_send(int to, Message message) override;
  First do_first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
                 double deadline) override;

 private:
  RecordingCommunicator(Communicator& world, RankJournals& journals, int channel, std::uint64_t seed,
                        std::unique_ptr<StrategyObserver> observer);

  Communicator& world_;
  RankJournals& journals_;
  Journal& journal_;
  std::unique_ptr<StrategyObserver> observer_;
};

/// The wait is for one operation and nothing else: how it ends is known.
inline bool waits_for_one_operation(std::span<const std::shared_ptr<Operation>> operations,
                                    std::span<const Expected> messages, double deadline) {
  return operations.size() == 1 && messages.empty() && deadline == never;
}

}  // namespace descent
