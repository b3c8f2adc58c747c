#pragma once

#include "algorithms/comm/observer.hpp"

#include <cstddef>
#include <mutex>
#include <vector>

namespace descent::mpi {

/// When a rank's processor had a task, whatever lines the tasks belong to. Tasks that overlap do not slow each
/// other down, and count once. Thread-safe.
class Processor {
 public:
  using Ticket = std::size_t;

  explicit Processor(Observer& observer) : observer_(observer) {}

  /// A task begins now; its end is not known yet.
  Ticket begin(double now);
  /// Its end is known, now or in the future. May be called again with an earlier end.
  void end(Ticket ticket, double end);

  /// Seconds up to now in which there was a task. Reports the stretches that are over to the observer.
  double busy_seconds(double now);
  /// The run is over: tasks that nobody waits for any more end now.
  void stop(double now);

 private:
  void settle(double now);

  struct Running {
    Ticket ticket;
    double end;
  };
  std::mutex mutex_;
  Observer& observer_;
  std::vector<Running> running_;
  Ticket next_ = 0;
  double busy_since_ = 0;
  /// Seconds in stretches that are over.
  double busy_before_ = 0;
};

}  // namespace descent::mpi
