#include "sim/replay/recording_communicator.hpp"

#include <utility>

namespace descent {
namespace {

std::unique_ptr<StrategyObserver> observer_before(Communicator& world, Journal& journal) {
  Observer& observer = world.observer();
  return std::make_unique<StrategyObserver>(
      observer, [](double time) { return time; },
      [&observer, &journal] {
        const bool met = observer.target_met();
        journal.add({.kind = met ? Event::Kind::target_met : Event::Kind::target_missed});
        return met;
      });
}

Event event_of(const First& outcome) {
  switch (outcome.what) {
    case First::What::operation:
      return {.kind = Event::Kind::operation, .index = outcome.index};
    case First::What::message:
      return {.kind = Event::Kind::message,
              .index = outcome.index,
              .source = outcome.message.source,
              .check = check_of(outcome.message),
              .time_s = outcome.message.sent_at};
    case First::What::deadline:
      break;
  }
  return {.kind = Event::Kind::deadline};
}

}  // namespace

RecordingCommunicator::RecordingCommunicator(Communicator& world, RankJournals& journals, int channel,
                                             std::uint64_t seed)
    : RecordingCommunicator(world, journals, channel, seed, observer_before(world, journals.line(channel))) {}

RecordingCommunicator::RecordingCommunicator(Communicator& world, RankJournals& journals, int channel,
                                             std::uint64_t seed, std::unique_ptr<StrategyObserver> observer)
    : MessagesOnly(world, seed, *observer),
      journals_(journals),
      journal_(journals.line(channel)),
      observer_(std::move(observer)) {}

double RecordingCommunicator::now() const {
  const double time = world().now();
  journal_.add({.kind = Event::Kind::time, .time_s = time});
  return time;
}

Line RecordingCommunicator::spawn(int channel, std::function<void(Communicator&)> program) {
  return world().spawn(
      channel, [&journals = journals_, channel, seed = seed(), program = std::move(program)](Communicator& world) {
        RecordingCommunicator communicator(world, journals, channel, seed);
        program(communicator);
      });
}

First RecordingCommunicator::do_first(std::span<const std::shared_ptr<Operation>> operations,
                                      std::span<const Expected> messages, double deadline) {
  First outcome = MessagesOnly::do_first(operations, messages, deadline);
  if (!waits_for_one_operation(operations, messages, deadline)) {
    journal_.add(event_of(outcome));
  }
  return outcome;
}

}  // namespace descent
