#include "algorithms/strategies/elastic_allreduce.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace descent {
namespace {

/// Sums have tags from kSums on, others in every view: what a broken one has left is never taken for a new one's.
enum : Tag { kCall, kView, kState, kLeave, kSums };
constexpr std::uint64_t kViewsWithTags = 10'000;

}  // namespace

ElasticAllreduce::ElasticAllreduce(const CollectiveChoice& choice, const Recovery& recovery, Communicator& communicator,
                                   Learner& learner)
    : choice_(choice),
      recovery_(recovery),
      communicator_(communicator),
      learner_(learner),
      views_(recovery, communicator, kCall),
      watch_(views_, recovery, communicator),
      transfer_(communicator, learner, kState),
      state_(learner.initial_state(learner.initial_parameters())),
      newest_at_(communicator.now()) {}

void ElasticAllreduce::run() {
  std::optional<ViewBroken> broken;
  if (communicator_.life() == 0) {
    standing_.view = views_.current().number;
    begin_view({});
    report_->initial(state_.parameters);
  } else {
    broken.emplace();
  }
  for (bool through = false; !through;) {
    try {
      if (broken) {
        form_view(std::exchange(broken, std::nullopt)->call);
      }
      standing_.over = standing_.over || learner_.stop().counted_out(report_->progress());
      if (!standing_.over) {
        step();
      } else {
        if (take_leave()) {
          communicator_.observer().finished(Share{}, state_.parameters, communicator_.now());
        }
        through = true;
      }
    } catch (const ViewBroken& why) {
      broken = why;
    }
  }
}

void ElasticAllreduce::step() {
  watch_.listen();
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
  state_ = learner_.update_scaled(std::move(state_), sum.sum, 1.0 / static_cast<double>(members), standing_.iterations);
  ++standing_.iterations;
  newest_at_ = communicator_.now();
  report_->updated(state_.parameters, members * learner_.batch());
}

void ElasticAllreduce::form_view(const std::optional<Message>& call) {
  if (communicator_.now() - newest_at_ >= recovery_.give_up_s) {
    throw GaveUp(fmt::format(
        "no sum over the workers has come to its end since {:.9g} s: one after the other was silent for the "
        "timeout",
        newest_at_));
  }
  const View before = views_.current();
  const View& view = views_.form(standing_, call);
  const Member newest = view.newest();
  Progress progress = report_ ? report_->progress() : Progress{};
  if (newest.rank == communicator_.rank()) {
    for (const Member& member : view.members) {
      if (member.standing < newest.standing) {
        transfer_.give(member.rank, view.number, state_, progress);
      }
    }
  } else if (standing_ < newest.standing) {
    take_over(newest);
    progress = report_->progress();
  }
  standing_.view = view.number;
  standing_.leader = static_cast<std::uint64_t>(view.leader());
  begin_view(progress);
  report_change(before);
}

void ElasticAllreduce::take_over(const Member& from) {
  StateTransfer::Taken taken = transfer_.take(from.rank, views_.current().number, state_.slots.size(), watch_);
  // Where only the end of the last sum was missed, this rank's gradient is in it.
  const bool missed_end = standing_.view == from.standing.view && standing_.leader == from.standing.leader &&
                          standing_.iterations + 1 == from.standing.iterations;
  if (!std::exchange(gradient_, {}).empty() && !missed_end) {
    communicator_.observer().wasted(communicator_.now());
  }
  state_ = std::move(taken.state);
  standing_ = from.standing;
  newest_at_ = communicator_.now();
  report_.emplace(communicator_, std::nullopt);
  report_->resume(taken.progress);
  // As others do, it draws a batch for each update.
  if (standing_.iterations > drawn_) {
    learner_.skip_gradients(standing_.iterations - std::exchange(drawn_, standing_.iterations));
  }
}

void ElasticAllreduce::begin_view(const Progress& progress) {
  const View& view = views_.current();
  const auto tag = static_cast<Tag>(kSums + Collective::kTags * (view.number % kViewsWithTags));
  sum_.emplace(choice_, communicator_, Group(view.ranks()), learner_.bytes_per_parameter(), tag, &watch_);
  report_.emplace(communicator_, leads() ? std::optional(Share{}) : std::nullopt);
  report_->resume(progress);
}

/// A rank that begins anew tells that it is here; of the others, the one that leads tells who has gone and come.
void ElasticAllreduce::report_change(const View& before) {
  const View& view = views_.current();
  if (before.members.empty()) {
    const bool all_anew = view.newest().standing.view == 0;
    communicator_.observer().recovered({.restored = all_anew ? std::optional(standing_.iterations) : std::nullopt},
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
  // One that lacks the last update finds out after a timeout, and may have begun to wait later than this one.
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
  const Expected leaves[] = {{any_rank, kLeave}};
  const double deadline = communicator_.now() + kTimeouts * recovery_.timeout_s;
  int lowest = communicator_.rank();
  while (!awaited.empty()) {
    const std::optional<First> first = watch_.first_until(deadline, {}, leaves);
    if (!first) {
      break;
    }
    const bool of_this_view = static_cast<std::uint64_t>(first->message.note) == view.number;
    if (of_this_view && awaited.erase(first->message.source) > 0) {
      lowest = std::min(lowest, first->message.source);
    }
  }
  return lowest == communicator_.rank();
}

}  // namespace descent
