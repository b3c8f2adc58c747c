#pragma once

#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// A stretch of time in which a host is off, in seconds since the start of the run; `end` may be infinite.
struct Outage {
  double begin = 0;
  double end = std::numeric_limits<double>::infinity();
};

/// When one cause turns one host off, as the scenario says: once, or again and again at random. Drawn by (seed, host,
/// cause, count), so that neither the backend nor other hosts change what is drawn.
class Outages {
 public:
  /// `cause`: which of the scenario's elements this is.
  Outages(FailureSettings settings, const std::string& host, std::size_t cause, std::uint64_t seed);

  /// The next one, later than those before. Random ones come when a time drawn with the mean `mtbf` has passed since
  /// the end of the one before, and last a time drawn with the mean `mttr`.
  std::optional<Outage> next();

 private:
  FailureSettings settings_;
  std::uint64_t owner_;
  std::uint64_t seed_;
  std::uint64_t drawn_ = 0;
  double end_ = 0;
};

/// A training step before which a rank's host goes off, in its first life, and for how long, in seconds.
struct CrashAtStep {
  std::uint64_t step = 0;
  double repair_s = 0;
};

/// What the scenario says of the failures of one host.
struct HostFailures {
  std::vector<Outages> outages;
  std::vector<CrashAtStep> crashes;
};
/// `causes`: those of the scenario's failures that name the host.
HostFailures failures_of(const Scenario& scenario, const std::string& host, const std::vector<std::size_t>& causes);

}  // namespace descent
