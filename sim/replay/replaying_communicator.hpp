#pragma once

#include "algorithms/comm/communicator.hpp"
#include "sim/replay/journal.hpp"
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
/// Collectives are played by messages. Takes part in its own line only, as any communicator.
class ReplayingCommunicator final : public Communicator {
 public:
  /// `channel`: of the line that `world` is. World and events must outlive this.
  ReplayingCommunicator(Communicator& world, const RankEvents& events, int channel, std::uint64_t seed);

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

  Communicator& world_;
  const RankEvents& events_;
  std::unique_ptr<Replayed> line_;
  /// What the clock said last.
  mutable double recorded_now_ = 0;
};

}  // namespace descent
