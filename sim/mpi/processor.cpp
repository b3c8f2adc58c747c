#include "sim/mpi/processor.hpp"

#include <algorithm>
#include <limits>

namespace descent::mpi {

Processor::Ticket Processor::begin(double now) {
  const std::lock_guard lock(mutex_);
  settle(now);
  if (running_.empty()) {
    busy_since_ = now;
  }
  running_.push_back({next_, std::numeric_limits<double>::infinity()});
  return next_++;
}

void Processor::end(Ticket ticket, double end) {
  const std::lock_guard lock(mutex_);
  for (Running& task : running_) {
    if (task.ticket == ticket) {
      task.end = std::min(task.end, end);
    }
  }
}

double Processor::busy_seconds(double now) {
  const std::lock_guard lock(mutex_);
  settle(now);
  return busy_before_ + (running_.empty() ? 0.0 : now - busy_since_);
}

void Processor::stop(double now) {
  const std::lock_guard lock(mutex_);
  for (Running& task : running_) {
    task.end = std::min(task.end, now);
  }
  settle(now);
}

void Processor::settle(double now) {
  if (running_.empty()) {
    return;
  }
  double last = 0;
  for (const Running& task : running_) {
    last = std::max(last, task.end);
  }
  if (last > now) {
    return;  // a stretch lasts until no task is left
  }
  running_.clear();
  busy_before_ += last - busy_since_;
  observer_.spent(Activity::compute, busy_since_, last, "compute");
}

}  // namespace descent::mpi
