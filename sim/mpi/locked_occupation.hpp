#pragma once

#include "algorithms/comm/occupation.hpp"

#include <mutex>

namespace descent::mpi {

/// Lines of one rank are threads here, and Occupation knows of none: one call at a time.
class LockedOccupation {
 public:
  using Ticket = Occupation::Ticket;

  explicit LockedOccupation(Observer& observer) : occupation_(observer) {}

  Ticket task_begins(double now) {
    const std::lock_guard lock(mutex_);
    return occupation_.task_begins(now);
  }
  void task_ends(Ticket task, double end, double now) {
    const std::lock_guard lock(mutex_);
    occupation_.task_ends(task, end, now);
  }
  void transfer_begins(double since, double now) {
    const std::lock_guard lock(mutex_);
    occupation_.transfer_begins(since, now);
  }
  void transfer_ends(double now) {
    const std::lock_guard lock(mutex_);
    occupation_.transfer_ends(now);
  }
  void die(double now) {
    const std::lock_guard lock(mutex_);
    occupation_.die(now);
  }
  void revive(double now) {
    const std::lock_guard lock(mutex_);
    occupation_.revive(now);
  }
  void finish(double now) {
    const std::lock_guard lock(mutex_);
    occupation_.finish(now);
  }

 private:
  std::mutex mutex_;
  Occupation occupation_;
};

}  // namespace descent::mpi
