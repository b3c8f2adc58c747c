#include "sim/replay/replaying_communicator.hpp"

#include "algorithms/core/error.hpp"
#include "sim/replay/recording_communicator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace descent {
namespace {

/// A send, which nobody waits for.
class SentBefore final : public Operation {
 public:
  bool done() const override { return true; }
};

std::string_view events_of(const RankEvents& events, int channel) {
  const auto found = events.find(channel);
  return found == events.end() ? std::string_view() : std::string_view(found->second);
}

bool recorded_target(LineReplay& replay) {
  constexpr const char* kHere = "a question for the target";
  const Event event = replay.next(kHere);
  if (event.kind != Event::Kind::target_met && event.kind != Event::Kind::target_missed) {
    replay.depart(event, kHere);
  }
  return event.kind == Event::Kind::target_met;
}

}  // namespace

LineReplay::LineReplay(const RankEvents& events, int rank, int channel)
    : rank_(rank), channel_(channel), reader_(events_of(events, channel)) {}

Event LineReplay::next(const char* here) {
  const std::optional<Event> event = reader_.next();
  ++count_;
  if (!event) {
    depart("the end of the line", here);
  }
  return *event;
}

void LineReplay::depart(const std::string& recorded, const std::string& here) const {
  throw RunError(
      fmt::format("the replay departs from the recording: rank {}, line {}, event {}: recorded was {}; "
                  "here comes {}",
                  rank_, channel_, count_, recorded, here));
}

void LineReplay::depart(const Event& recorded, const std::string& here) const {
  depart(describe(recorded), here);
}

void LineReplay::end() {
  const std::optional<Event> event = reader_.next();
  ++count_;
  if (event) {
    depart(*event, "the end of the line");
  }
}

ReplayingCommunicator::Replayed::Replayed(Communicator& world, const RankEvents& events, int channel)
    : replay(events, world.rank(), channel),
      observer(
          world.observer(), [&world](double /*recorded*/) { return world.now(); },
          [this] { return recorded_target(replay); }) {}

ReplayingCommunicator::ReplayingCommunicator(Communicator& world, const RankEvents& events, int channel,
                                             std::uint64_t seed)
    : ReplayingCommunicator(world, events, seed, std::make_unique<Replayed>(world, events, channel)) {}

ReplayingCommunicator::ReplayingCommunicator(Communicator& world, const RankEvents& events, std::uint64_t seed,
                                             std::unique_ptr<Replayed> line)
    : MessagesOnly(world, seed, line->observer), events_(events), line_(std::move(line)) {}

double ReplayingCommunicator::now() const {
  constexpr const char* kHere = "a look at the clock";
  const Event event = line_->replay.next(kHere);
  if (event.kind != Event::Kind::time) {
    line_->replay.depart(event, kHere);
  }
  recorded_now_ = event.time_s;
  return recorded_now_;
}

Line ReplayingCommunicator::spawn(int channel, std::function<void(Communicator&)> program) {
  return world().spawn(channel,
                       [&events = events_, channel, seed = seed(), program = std::move(program)](Communicator& world) {
                         ReplayingCommunicator communicator(world, events, channel, seed);
                         program(communicator);
                         communicator.end();
                       });
}

Request ReplayingCommunicator::do_send(int to, Message message) {
  MessagesOnly::do_send(to, std::move(message));
  return std::make_shared<SentBefore>();
}

First ReplayingCommunicator::do_first(std::span<const std::shared_ptr<Operation>> operations,
                                      std::span<const Expected> messages, double deadline) {
  if (waits_for_one_operation(operations, messages, deadline)) {
    return end_operation(operations, {.kind = Event::Kind::operation});
  }
  constexpr const char* kHere = "a wait";
  const Event event = line_->replay.next(kHere);
  switch (event.kind) {
    case Event::Kind::operation:
      return end_operation(operations, event);
    case Event::Kind::message:
      return take_message(messages, event);
    case Event::Kind::deadline:
      return let_pass(deadline, event);
    case Event::Kind::time:
    case Event::Kind::target_met:
    case Event::Kind::target_missed:
      break;
  }
  line_->replay.depart(event, kHere);
}

First ReplayingCommunicator::end_operation(std::span<const std::shared_ptr<Operation>> operations, const Event& event) {
  if (event.index >= operations.size()) {
    line_->replay.depart(event, fmt::format("a wait for {} operations", operations.size()));
  }
  const auto& operation = operations[event.index];
  if (dynamic_cast<const SentBefore*>(operation.get()) == nullptr) {
    world().wait(operation);
  }
  First outcome;
  outcome.what = First::What::operation;
  outcome.index = event.index;
  return outcome;
}

First ReplayingCommunicator::take_message(std::span<const Expected> messages, const Event& event) {
  if (event.index >= messages.size()) {
    line_->replay.depart(event, fmt::format("a wait for {} messages", messages.size()));
  }
  const Expected& expected = messages[event.index];
  if (expected.from != any_rank && expected.from != event.source) {
    line_->replay.depart(event, fmt::format("a wait for a message from rank {}", expected.from));
  }
  First outcome;
  outcome.what = First::What::message;
  outcome.index = event.index;
  outcome.message = world().receive(event.source, expected.tag);
  const std::uint16_t check = check_of(outcome.message);
  if (check != event.check) {
    line_->replay.depart(
        event, fmt::format("a message from rank {} that says something else (check {:04x})", event.source, check));
  }
  outcome.message.sent_at = event.time_s;
  return outcome;
}

First ReplayingCommunicator::let_pass(double deadline, const Event& event) {
  if (deadline == never) {
    line_->replay.depart(event, "a wait without one");
  }
  return world().first({}, {}, world().now() + std::max(0.0, deadline - recorded_now_));
}

}  // namespace descent
