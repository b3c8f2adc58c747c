#include "algorithms/strategies/elastic_allreduce.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

namespace descent {
namespace {

/// Collectives have tags from kSums on, others in every view: what a broken one has left is never taken for new.
enum : Tag { kCall, kView, kState, kLeave, kSums };
constexpr std::uint64_t kViewsWithTags = 10'000;

/// A member is silent, or calls for a view.
struct BrokenOff : std::runtime_error {
  explicit BrokenOff(std::optional<Message> with = {})
      : std::runtime_error("a member is silent or calls"), call(std::move(with)) {}
  std::optional<Message> call;
};

}  // namespace

ElasticAllreduce::ElasticAllreduce(const CollectiveChoice& choice, const Recovery& recovery, Communicator& communicator,
                                   Learner& learner)
    : choice_(choice),
      recovery_(recovery),
      communicator_(communicator),
      learner_(learner),
      views_(recovery, communicator, kCall),
      state_(learner.initial_state(learner.initial_parameters())),
      newest_at_(communicator.now()) {}

void ElasticAllreduce::run() {
  const bool begins_anew = communicator_.life() > 0;
  if (!begins_anew) {
    standing_.view = 1;
    align();
    report_->initial(state_.parameters);
  }
  std::optional<BrokenOff> broken = begins_anew ? std::optional(BrokenOff()) : std::nullopt;
  for (bool through = false; !through;) {
    try {
      if (broken) {
        const BrokenOff why = *std::exchange(broken, std::nullopt);
        form_view(why.call);
      }
      if (standing_.over || learner_.stop().counted_out(report_->progress())) {
        standing_.over = true;
        through = true;
        if (take_leave()) {
          communicator_.observer().finished(Share{}, state_.parameters, communicator_.now());
        }
      } else {
        step();
      }
    } catch (const BrokenOff& why) {
      through = false;
      broken = why;
    }
  }
}

First ElasticAllreduce::first(std::span<const std::shared_ptr<Operation>> operations,
                              std::span<const Expected> messages) {
  awaited_.assign(messages.begin(), messages.end());
  awaited_.push_back(views_.call());
  const double deadline = communicator_.now() + recovery_.timeout_s;
  for (;;) {
    First first = communicator_.first(operations, awaited_, deadline);
    if (first.what == First::What::deadline) {
      throw BrokenOff();
    }
    if (first.what == First::What::operation || first.index < messages.size()) {
      return first;
    }
    if (views_.calls_anew(first.message)) {
      throw BrokenOff(std::move(first.message));
    }
  }
}

void ElasticAllreduce::step() {
  if (views_.current().members.size() == 1) {
    listen();
  }
  if (gradient_.empty()) {
    ++drawn_;
    gradient_ = learner_.gradient(state_.parameters);
  }
  const Reduced sum = sum_->allreduce(gradient_, learner_.stop().flag(leads(), report_->progress(), communicator_));
  if (sum.flagged) {
    standing_.over = true;
    return;
  }
  gradient_ = {};
  const std::size_t members = views_.current().members.size();
  state_ = learner_.update_scaled(std::move(state_), sum.sum, 1.0 / static_cast<double>(members), iterations());
  ++standing_.iterations;
  newest_at_ = communicator_.now();
  report_->updated(state_.parameters, members * learner_.batch());
}

void ElasticAllreduce::listen() {
  const Expected call[] = {views_.call()};
  for (;;) {
    First first = communicator_.first({}, call, communicator_.now());
    if (first.what == First::What::deadline) {
      return;
    }
    if (views_.calls_anew(first.message)) {
      throw BrokenOff(std::move(first.message));
    }
  }
}

void ElasticAllreduce::form_view(const std::optional<Message>& call) {
  if (communicator_.now() - newest_at_ >= recovery_.give_up_s) {
    throw GaveUp(
        fmt::format("no sum over the workers has come to its end since {:.9g} s: each was silent for the timeout "
                    "in turn",
                    newest_at_));
  }
  const View before = views_.current();
  const View& view = views_.form(standing_, call);
  const Member newest = view.newest();
  if (newest.rank == communicator_.rank()) {
    for (const Member& member : view.members) {
      if (member.standing < newest.standing) {
        hand_over(member.rank);
      }
    }
  } else if (standing_ < newest.standing) {
    take_over(newest);
  }
  standing_.view = view.number;
  standing_.leader = static_cast<std::uint64_t>(view.leader());
  align();
  report_change(before);
}

void ElasticAllreduce::align() {
  const View& view = views_.current();
  const auto tag = static_cast<Tag>(kSums + Collective::kTags * (view.number % kViewsWithTags));
  sum_.emplace(choice_, communicator_, Group(view.ranks()), learner_.bytes_per_parameter(), tag, this);
  const Progress progress = report_ ? report_->progress() : Progress{};
  report_.emplace(communicator_, leads() ? std::optional(Share{}) : std::nullopt);
  report_->resume(progress);
}

/// The parameters, then the optimizer's moments.
void ElasticAllreduce::hand_over(int to) {
  std::vector<Snapshot> vectors = state_.slots;
  vectors.insert(vectors.begin(), state_.parameters);
  for (Snapshot& vector : vectors) {
    Message message = learner_.message(std::move(vector));
    message.note = static_cast<std::int64_t>(views_.current().number);
    message.scalar = static_cast<double>(report_->progress().samples);
    communicator_.send(to, kState, std::move(message));
  }
}

void ElasticAllreduce::take_over(const Member& from) {
  const Expected state[] = {{from.rank, kState}};
  std::vector<Snapshot> vectors;
  double samples = 0;
  while (vectors.size() <= state_.slots.size()) {
    Message message = first({}, state).message;
    // What comes for an earlier view was broken off.
    if (static_cast<std::uint64_t>(message.note) == views_.current().number) {
      samples = message.scalar;
      vectors.push_back(std::move(message.payload));
    }
  }
  // Where only the last sum was missed, this rank's gradient is in it.
  const bool only_missed_sum = standing_.view == from.standing.view && standing_.leader == from.standing.leader &&
                               iterations() + 1 == from.standing.iterations;
  if (!std::exchange(gradient_, {}).empty() && !only_missed_sum) {
    communicator_.observer().wasted(communicator_.now());
  }
  state_.parameters = std::move(vectors.front());
  state_.slots.assign(std::make_move_iterator(vectors.begin() + 1), std::make_move_iterator(vectors.end()));
  state_.updates = from.standing.iterations;
  standing_ = from.standing;
  newest_at_ = communicator_.now();
  if (iterations() > drawn_) {
    learner_.skip_gradients(iterations() - std::exchange(drawn_, iterations()));
  }
  report_.emplace(communicator_, std::nullopt);
  report_->resume({iterations(), static_cast<std::uint64_t>(samples)});
}

/// A rank that begins anew tells that it is here; of the others, the one that leads tells who has gone and come.
void ElasticAllreduce::report_change(const View& before) {
  const View& view = views_.current();
  if (before.members.empty()) {
    const bool all_anew = view.newest().standing.view == 0;
    communicator_.observer().recovered({.restored = all_anew ? std::optional(iterations()) : std::nullopt},
                                       communicator_.now());
    return;
  }
  const auto missing = [](const View& from, const View& in) {
    return static_cast<int>(std::count_if(from.members.begin(), from.members.end(),
                                          [&](const Member& member) { return !in.has(member.rank); }));
  };
  const int lost = missing(before, view);
  const int returned = missing(view, before);
  if (leads() && lost + returned > 0) {
    communicator_.observer().recovered({.lost_peers = lost, .returned_peers = returned}, communicator_.now());
  }
}

bool ElasticAllreduce::take_leave() {
  // One that lacks the last update finds out after a timeout, and may have been waiting for a shorter time than this.
  constexpr double kTimeouts = 3;
  const View& view = views_.current();
  std::set<int> awaited;
  for (const int rank : view.ranks()) {
    if (rank != communicator_.rank()) {
      Message leave = envelope();
      leave.note = static_cast<std::int64_t>(view.number);
      communicator_.send(rank, kLeave, std::move(leave));
      awaited.insert(rank);
    }
  }
  const Expected messages[] = {{any_rank, kLeave}, views_.call()};
  const double deadline = communicator_.now() + kTimeouts * recovery_.timeout_s;
  int lowest = communicator_.rank();
  while (!awaited.empty()) {
    First first = communicator_.first({}, messages, deadline);
    if (first.what == First::What::deadline) {
      break;
    }
    const Message& message = first.message;
    if (message.tag == kCall && views_.calls_anew(message)) {
      throw BrokenOff(message);
    }
    if (message.tag == kLeave && static_cast<std::uint64_t>(message.note) == view.number &&
        awaited.erase(message.source) > 0) {
      lowest = std::min(lowest, message.source);
    }
  }
  return lowest == communicator_.rank();
}

}  // namespace descent
