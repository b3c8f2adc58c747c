#pragma once

#include "sim/scenario/sweep_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace descent {

/// Most points of a sweep, unless the user says otherwise.
inline constexpr std::size_t kMostPoints = 100'000;

/// One run of a sweep.
struct SweepPoint {
  /// From 1 on, in the order in which they are listed and started.
  std::size_t number = 0;
  /// Of each axis, in the order of the sweep's: a value, or the name of a case.
  std::vector<std::string> values;
  std::uint64_t seed = 0;
  /// 32 hexadecimal digits of what the point changes, by the names of the axes, and its seed: the same wherever the
  /// axes stand in the file and whatever else is swept.
  std::string key;
};

/// All points, those excluded left out: the first axis is slowest, the seed fastest. A random design that draws a
/// combination twice has it once. Throws InputError where there are more than `most`, or none.
std::vector<SweepPoint> expand(const SweepSettings& sweep, std::size_t most = kMostPoints);

/// What the point changes in the scenario, as --set takes it: cases first, so that values are set in what they bring.
std::vector<std::string> overrides_of(const SweepSettings& sweep, const SweepPoint& point);

}  // namespace descent
