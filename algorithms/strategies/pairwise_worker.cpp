#include "algorithms/strategies/pairwise_worker.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace descent {
namespace {

/// A request carries the vector of who asks; the answer, what it is to take from its own; both the life of who asks.
/// Who stops tells its neighbours; so does who has been told that the run is over. Who begins anew asks for parameters,
/// which come with the steps that led to them; who has stopped asks the others now and then whether they are there.
enum : Tag { kRequest, kDone, kOver, kAnswer, kJoin, kNewest, kAsk, kHere };
constexpr Expected kAwaited[] = {{any_rank, kRequest}, {any_rank, kDone},   {any_rank, kOver}, {any_rank, kAnswer},
                                 {any_rank, kJoin},    {any_rank, kNewest}, {any_rank, kAsk},  {any_rank, kHere}};
/// Nobody averages with who has no parameters yet.
constexpr Expected kAwaitedByNew[] = {{any_rank, kDone},   {any_rank, kOver}, {any_rank, kJoin},
                                      {any_rank, kNewest}, {any_rank, kAsk},  {any_rank, kHere}};

}  // namespace

PairwiseWorker::PairwiseWorker(const Graph& graph, const Recovery& recovery, Communicator& communicator,
                               Learner& learner)
    : workers_(static_cast<std::size_t>(graph.ranks())),
      recovery_(recovery),
      communicator_(communicator),
      learner_(learner),
      peers_(graph.neighbours(communicator.rank()), recovery, communicator),
      state_(learner.initial_state(learner.initial_parameters())),
      report_(communicator, Share{0, communicator.rank(), graph.ranks()}),
      begun_(communicator.now()) {}

void PairwiseWorker::run() {
  if (communicator_.life() == 0) {
    report_.initial(state_.parameters);
  } else {
    join();
  }
  while (!over()) {
    const std::uint64_t read = averages_;
    const GradientUnderWay gradient = take_step(report_.iterations());
    state_ = learner_.update(std::move(state_), std::move(*gradient.result), report_.iterations());
    report_.updated(state_.parameters, learner_.batch() * workers_, {averages_ - read});
  }
  await_others();
  report_.finished(state_.parameters);
}

bool PairwiseWorker::over() {
  catch_up();
  // With recovery nobody is there for certain who could decide for all.
  const bool decides = communicator_.rank() == 0 || recovery_.tolerates_losses();
  if (!over_ && (learner_.stop().counted_out(report_.progress()) ||
                 (decides && learner_.stop().met(report_.progress(), communicator_)))) {
    over_ = true;
    // Counts end each worker alone; a clock or a target, all of them.
    if (!learner_.stop().counted_out(report_.progress())) {
      tell_neighbours(kOver);
    }
  }
  return over_;
}

GradientUnderWay PairwiseWorker::take_step(std::uint64_t step) {
  const std::optional<int> peer = peers_.draw(communicator_.random(Purpose::peer, step));
  if (peer) {
    Message request = learner_.message(state_.parameters);
    request.note = communicator_.life();
    communicator_.send(*peer, kRequest, std::move(request));
    peers_.await(*peer);
  }
  GradientUnderWay gradient = learner_.begin_gradient(state_.parameters);
  for (bool computed = false; !computed || (peer && peers_.owes(*peer));) {
    computed = next(std::span(&gradient.task, computed ? 0 : 1), awaited()) || computed;
  }
  return gradient;
}

bool PairwiseWorker::next(std::span<const Task> computation, std::span<const Expected> messages, double deadline) {
  First first = communicator_.first(computation, messages, std::min(deadline, peers_.deadline()));
  if (first.what == First::What::message) {
    take(std::move(first.message));
  } else if (first.what == First::What::deadline) {
    peers_.check();
  }
  return first.what == First::What::operation;
}

void PairwiseWorker::take(Message message) {
  const int from = message.source;
  if (message.tag == kJoin) {
    peers_.begins_anew(from);
    send_parameters(from);
    if (stopped_) {
      communicator_.send(from, kDone, envelope());
    }
    return;
  }
  if ((message.tag == kAnswer && message.note == communicator_.life()) || message.tag == kNewest) {
    peers_.answered(from);
  }
  if (peers_.heard(from) && knows_nothing_) {
    communicator_.send(from, kJoin, envelope());
  }
  if (message.tag == kRequest) {
    const Snapshot half = learner_.combine({{0.5, message.payload}, {-0.5, state_.parameters}});
    Message answer = learner_.message(half);
    answer.note = message.note;
    communicator_.send(from, kAnswer, std::move(answer));
    move({{1, state_.parameters}, {1, half}});
  } else if (message.tag == kAnswer && message.note == communicator_.life()) {
    // Late or not: the other one has moved already.
    move({{1, state_.parameters}, {-1, std::move(message.payload)}});
  } else if (message.tag == kDone) {
    peers_.stopped(from);
  } else if (message.tag == kOver && !std::exchange(over_, true)) {
    tell_neighbours(kOver);
  } else if (message.tag == kNewest) {
    news_.push_back(std::move(message));
  } else if (message.tag == kAsk) {
    communicator_.send(from, stopped_ ? kDone : kHere, envelope());
  }
}

void PairwiseWorker::move(std::vector<WeightedVector> terms) {
  state_.parameters = learner_.combine(std::move(terms));
  ++averages_;
}

void PairwiseWorker::join() {
  knows_nothing_ = true;
  tell_neighbours(kJoin);
  for (const int peer : peers_.all()) {
    peers_.await(peer);
  }
  while (peers_.anybody_owes()) {
    next({}, kAwaitedByNew);
  }
  catch_up();
  if (knows_nothing_) {
    communicator_.observer().recovered({}, communicator_.now());
    tell_neighbours(kHere);
  }
}

void PairwiseWorker::catch_up() {
  const std::vector<Message> news = std::exchange(news_, {});
  if (!knows_nothing_) {
    return;
  }
  if (std::optional<Takeover> others = newest_of(news, report_.iterations())) {
    take_over(*std::move(others), workers_, learner_, state_, report_);
    knows_nothing_ = false;
    tell_neighbours(kHere);
  } else if (!peers_.all().empty() && !peers_.anybody_present() &&
             communicator_.now() >= begun_ + recovery_.give_up_s) {
    throw GaveUp(fmt::format("no neighbour has been heard of since {:.9g} s", begun_));
  }
}

void PairwiseWorker::await_others() {
  stopped_ = true;
  tell_neighbours(kDone);
  double ask = communicator_.now() + recovery_.timeout_s;
  while (peers_.anybody_to_stop()) {
    if (communicator_.now() >= ask) {
      ask = communicator_.now() + recovery_.timeout_s;
      for (const int peer : peers_.to_stop()) {
        communicator_.send(peer, kAsk, envelope());
        peers_.await(peer);
      }
    }
    next({}, awaited(), ask);
  }
  // Some may be back at this moment.
  for (const int peer : peers_.lost()) {
    send_parameters(peer);
  }
}

std::span<const Expected> PairwiseWorker::awaited() const {
  constexpr std::size_t kOfNew = 4;
  const std::span<const Expected> all(kAwaited);
  return recovery_.tolerates_losses() ? all : all.first(all.size() - kOfNew);
}

void PairwiseWorker::send_parameters(int to) {
  Message parameters = learner_.message(state_.parameters);
  parameters.note = static_cast<std::int64_t>(report_.iterations());
  communicator_.send(to, kNewest, std::move(parameters));
}

void PairwiseWorker::tell_neighbours(Tag tag) {
  for (const int peer : peers_.all()) {
    communicator_.send(peer, tag, envelope());
  }
}

}  // namespace descent
