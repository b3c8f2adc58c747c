#include "algorithms/strategies/served_workers.hpp"

#include <algorithm>
#include <utility>

namespace descent {

ServedWorkers::ServedWorkers(std::size_t workers, const Consistency& consistency)
    : consistency_(consistency), clocks_(workers), present_(workers) {}

void ServedWorkers::pushed(std::size_t worker, bool counts) {
  clocks_[worker].rounds += 1;
  waiting_.push_back({worker, counts});
}

std::vector<std::size_t> ServedWorkers::take_answerable(bool updated, bool over) {
  if (consistency_.restarts) {
    waiting_.clear();
    return updated || over ? present() : std::vector<std::size_t>();
  }
  const bool bounded = consistency_.answer == Consistency::Answer::within_bound;
  const std::uint64_t slowest = bounded ? slowest_round() : 0;
  std::vector<std::size_t> answerable;
  std::erase_if(waiting_, [&](const Waiting& waiting) {
    const bool goes_on = over || may_go_on(waiting, updated, slowest);
    if (goes_on) {
      answerable.push_back(waiting.worker);
    }
    return goes_on;
  });
  return answerable;
}

bool ServedWorkers::may_go_on(const Waiting& waiting, bool updated, std::uint64_t slowest) const {
  switch (consistency_.answer) {
    case Consistency::Answer::with_update:
      return updated || !waiting.counts;
    case Consistency::Answer::within_bound:
      return clocks_[waiting.worker].rounds - slowest <= consistency_.bound;
    case Consistency::Answer::at_once:
      return true;
    case Consistency::Answer::none:
      return false;
  }
  return false;
}

void ServedWorkers::dismiss(std::size_t worker) {
  if (std::exchange(clocks_[worker].present, false)) {
    --present_;
  }
}

std::vector<std::size_t> ServedWorkers::present() const {
  std::vector<std::size_t> workers;
  workers.reserve(present_);
  for (std::size_t worker = 0; worker < clocks_.size(); ++worker) {
    if (clocks_[worker].present) {
      workers.push_back(worker);
    }
  }
  return workers;
}

std::uint64_t ServedWorkers::slowest_round() const {
  std::uint64_t slowest = Consistency::unbounded;
  for (const Clock& clock : clocks_) {
    if (clock.present) {
      slowest = std::min(slowest, clock.rounds);
    }
  }
  return slowest;
}

}  // namespace descent
