#include "algorithms/strategies/served_workers.hpp"

#include <algorithm>
#include <utility>

namespace descent {

ServedWorkers::ServedWorkers(std::size_t workers, const Consistency& consistency, const Recovery& recovery, double now)
    : consistency_(consistency), roster_(recovery, workers, "worker", now), clocks_(workers), read_(workers) {
  for (std::size_t worker = 0; worker < workers; ++worker) {
    roster_.await(worker, now);
  }
}

bool ServedWorkers::pushed(std::size_t worker, bool counts, double now) {
  const bool returned = is_there(worker, now);
  clocks_[worker] += 1;
  const bool goes_on = consistency_.reads_when_stale && clocks_[worker] - read_[worker] <= consistency_.bound;
  if (!counts || !goes_on) {
    waiting_.push_back({worker, counts});
  }
  return returned;
}

void ServedWorkers::answered(std::size_t worker, double now) {
  roster_.await(worker, now);
  read_[worker] = consistency_.reads_when_stale ? slowest_round() : 0;
}

bool ServedWorkers::joined(std::size_t worker, double now) {
  clocks_[worker] = std::max(clocks_[worker], slowest_round());
  std::erase_if(waiting_, [worker](const Waiting& waiting) { return waiting.worker == worker; });
  return roster_.heard(worker, now);
}

bool ServedWorkers::is_there(std::size_t worker, double now) {
  if (!has(worker)) {
    clocks_[worker] = std::max(clocks_[worker], slowest_round());
  }
  const bool returned = roster_.heard(worker, now);
  roster_.await(worker, now);
  return returned;
}

bool ServedWorkers::waits(std::size_t worker) const {
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [worker](const Waiting& waiting) { return waiting.worker == worker; });
}

std::vector<std::size_t> ServedWorkers::take_answerable(bool updated, bool over) {
  if (consistency_.restarts || (over && consistency_.reads_when_stale)) {
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
      return clocks_[waiting.worker] - slowest <= consistency_.bound;
    case Consistency::Answer::at_once:
      return true;
    case Consistency::Answer::none:
      return false;
  }
  return false;
}

void ServedWorkers::dismiss(std::size_t worker) {
  roster_.dismiss(worker);
}

std::vector<std::size_t> ServedWorkers::present() const {
  std::vector<std::size_t> workers;
  workers.reserve(roster_.present());
  for (std::size_t worker = 0; worker < clocks_.size(); ++worker) {
    if (has(worker)) {
      workers.push_back(worker);
    }
  }
  return workers;
}

std::uint64_t ServedWorkers::slowest_round() const {
  std::uint64_t slowest = Consistency::unbounded;
  for (std::size_t worker = 0; worker < clocks_.size(); ++worker) {
    if (has(worker)) {
      slowest = std::min(slowest, clocks_[worker]);
    }
  }
  return slowest == Consistency::unbounded ? 0 : slowest;
}

}  // namespace descent
