#pragma once

#include "sim/disturbance/outages.hpp"

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace descent::mpi {

/// Unwinds the lines of a rank that dies. Without a base, so that no program takes it for an error of its own.
struct Dead {};

/// When this rank falls silent, as the failures of its host say. The process lives on: MPI ends a job that loses one.
class Mortality {
 public:
  explicit Mortality(HostFailures failures);

  int life() const { return life_; }
  bool dead() const { return dead_; }
  /// Seconds since the start of the run.
  double dies_at() const { return next_.begin; }
  /// When it begins anew; infinite: never. Precondition: it is dead.
  double back_at() const { return back_at_; }

  /// Throws Dead where it is time, or another line has found that it is.
  void check(double now);
  /// The same, before a training step.
  void check(double now, const std::optional<std::uint64_t>& step);
  void revive(double now);

 private:
  [[noreturn]] void die(double back_at);
  /// The next outage of any cause, with what overlaps it.
  void draw(double after);

  HostFailures failures_;
  /// Of each cause.
  std::vector<std::optional<Outage>> pending_;
  Outage next_{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  int life_ = 0;
  std::atomic<bool> dead_ = false;
  double back_at_ = 0;
};

}  // namespace descent::mpi
