#include "algorithms/comm/occupation.hpp"

#include <algorithm>
#include <limits>

namespace descent {

Occupation::Ticket Occupation::task_begins(double now) {
  advance(now);
  tasks_.push_back({next_, std::numeric_limits<double>::infinity()});
  become(Activity::compute, now);
  return next_++;
}

void Occupation::task_ends(Ticket task, double end, double now) {
  for (Task& running : tasks_) {
    if (running.ticket == task) {
      running.end = std::min(running.end, end);
    }
  }
  advance(now);
}

void Occupation::transfer_begins(double since, double now) {
  advance(now);
  ++transfers_;
  if (tasks_.empty()) {
    become(Activity::communicate, std::min(since, now));
  }
}

void Occupation::transfer_ends(double now) {
  advance(now);
  --transfers_;
  if (tasks_.empty()) {
    rest(now);
  }
}

void Occupation::die(double now) {
  advance(now);
  observer_.died(activity_ == Activity::compute ? now - since_ : 0, now);
  tasks_.clear();
  change(Activity::down, now);
}

void Occupation::revive(double now) {
  change(Activity::idle, now);
}

void Occupation::finish(double now) {
  advance(now);
  if (!finished_ && now > since_) {
    observer_.spent(activity_, since_, now);
  }
  finished_ = true;
}

void Occupation::advance(double now) {
  while (!tasks_.empty()) {
    const auto first =
        std::min_element(tasks_.begin(), tasks_.end(), [](const Task& a, const Task& b) { return a.end < b.end; });
    if (first->end > now) {
      return;
    }
    const double end = first->end;
    tasks_.erase(first);
    if (tasks_.empty()) {
      rest(end);
    }
  }
}

/// What was under way at a death ends later, and changes nothing.
void Occupation::become(Activity activity, double at) {
  if (activity_ != Activity::down) {
    change(activity, at);
  }
}

void Occupation::change(Activity activity, double at) {
  if (activity == activity_ || finished_) {
    return;
  }
  at = std::max(at, since_);
  if (at > since_) {
    observer_.spent(activity_, since_, at);
  }
  activity_ = activity;
  since_ = at;
}

}  // namespace descent
