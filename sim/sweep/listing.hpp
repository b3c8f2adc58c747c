#pragma once

#include "sim/sweep/expansion.hpp"
#include "sim/sweep/results_file.hpp"

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace descent {

/// How many points have come to what.
struct SweepTally {
  std::size_t done = 0;
  std::size_t failed = 0;
  /// Pending, or killed.
  std::size_t left = 0;
  /// Seconds, of those that are done.
  double wall_s = 0;
};
SweepTally tally(const std::vector<SweepPoint>& points, const std::map<std::string, RecordedPoint>& recorded);

/// A row for each point, or for the first and last of many; below it, the messages of points that failed, by their
/// number.
std::string point_table(const SweepSettings& sweep, const std::vector<SweepPoint>& points,
                        const std::map<std::string, RecordedPoint>& recorded);

nlohmann::ordered_json points_json(const SweepSettings& sweep, const std::vector<SweepPoint>& points,
                                   const std::map<std::string, RecordedPoint>& recorded);

}  // namespace descent
