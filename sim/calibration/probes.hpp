#pragma once

#include "algorithms/comm/communicator.hpp"
#include "sim/calibration/points.hpp"

#include <cstdint>
#include <vector>

namespace descent {

struct ProbeSettings {
  /// Everything is measured so many times, one pass after the other, so that what changes slowly shows.
  int rounds = 5;
  /// No message is larger, in bytes.
  std::uint64_t largest = std::uint64_t{1} << 22U;
  /// Nor does one take longer than about this between the first and the last rank, in seconds.
  double longest = 0.05;
  /// A rank that computes goes on receiving meanwhile, as where computing is modelled by waiting.
  bool receives_while_computing = false;
};

/// Measures the network between all ranks by messages through the seam: the program of one rank; all run it. What a
/// message costs includes what the seam's implementation does with it, as in a run. Returns what this rank has
/// measured, in the order of time. Precondition: at least two ranks.
std::vector<Point> probe(Communicator& communicator, const ProbeSettings& settings);

}  // namespace descent
