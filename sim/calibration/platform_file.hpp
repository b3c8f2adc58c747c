#pragma once

#include "sim/calibration/calibration.hpp"

#include <string>

namespace descent {

/// What a platform file says beside what was measured of the network.
struct PlatformFacts {
  /// flop/s of each host, for what has no rate of its own.
  double speed = 1e9;
  /// Where that is from, in a few words.
  std::string speed_is;
  /// Whether ranks send and receive while they compute.
  bool overlaps = true;
  /// Where its figures come from: for the comment at its head, a line each.
  std::vector<std::string> origin;
};

/// A SimGrid platform file (format 4.1) with the calibrated network: a link up and a link down for each host, and
/// SMPI's settings in <config>.
std::string platform_file(const Calibration& calibration, const PlatformFacts& facts);

/// The parameters with their intervals, as JSON.
std::string to_json(const Calibration& calibration);

}  // namespace descent
