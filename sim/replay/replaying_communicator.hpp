#pragma once

#include "sim/replay/journal.hpp"
#include "sim/replay/messages_only.hpp"
#include "sim/replay/strategy_observer.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace descent {

/// The recorded events of one rank, by channel.
using RankEvents = std::map<int, std::string>;

/// Follows what one line of a rank has recorded. RunError where the line does something else.
class LineReplay {
 public:
  /// `events` must outlive it.
  LineReplay(const RankEvents& events, int rank, int channel);

  /// The next event. `here`: what the line asks for, in words.
  Event next(const char* here);
  [[noreturn]] void depart(const Event& recorded, const std::string& here) const;
  /// Throws where there are more events.
  void end();

 private:
  [[noreturn]] void depart(const std::string& recorded, const std::string& here) const;

  int rank_;
  int channel_;
  JournalReader reader_;
  std::uint64_t count_ = 0;
};

/// Stands before the communicator of a world and lets happen there what was recorded elsewhere, in the recorded order.
/// The clock says what it said then. Messages, computations and waits take the time of this world, but a send is
/// never waited for: where it was recorded it had left its node, and here it may take a receiver who waits for another.
/// Takes part in its own line only, as any communicator.
class ReplayingCommunicator final : public MessagesOnly {
 public:
  /// `channel`: of the line that `world` is. World and events must outlive this.
  ReplayingCommunicator(Communicator& world, const RankEvents& events, int channel, std::uint64_t seed);

  double now() const override;
  Line spawn(int channel, std::function<void(Communicator&)> program) override;

  /// The line's program has ended. RunError where the recorded one went on.
  void end() { line_->replay.end(); }

 protected:
  Request do_send(int to, Message message) override;
  First do_first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
                 double deadline) override;

 private:
  /// In one place of its own, because the observer refers to the replay.
  struct Replayed {
    Replayed(Communicator& world, const RankEvents& events, int channel);

    LineReplay replay;
    StrategyObserver observer;
  };

  ReplayingCommunicator(Communicator& world, const RankEvents& events, std::uint64_t seed,
                        std::unique_ptr<Replayed> line);

  First end_operation(std::span<const std::shared_ptr<Operation>> operations, const Event& event);
  First take_message(std::span<const Expected> messages, const Event& event);
  First let_pass(double deadline, const Event& event);

  const RankEvents& events_;
  std::unique_ptr<Replayed> line_;
  /// What the clock said last.
  mutable double recorded_now_ = 0;
};

}  // namespace descent
