#pragma once

#include "sim/replay/journal.hpp"
#include "sim/replay/messages_only.hpp"
#include "sim/replay/strategy_observer.hpp"

#include <memory>

namespace descent {

/// Forwards to the communicator of a world, and writes down what time decides.
class RecordingCommunicator final : public MessagesOnly {
 public:
  /// `channel`: of the line that `world` is. All of these must outlive the program that uses this.
  RecordingCommunicator(Communicator& world, RankJournals& journals, int channel, std::uint64_t seed);

  double now() const override;
  Line spawn(int channel, std::function<void(Communicator&)> program) override;

 protected:
  First do_first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
                 double deadline) override;

 private:
  RecordingCommunicator(Communicator& world, RankJournals& journals, int channel, std::uint64_t seed,
                        std::unique_ptr<StrategyObserver> observer);

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
