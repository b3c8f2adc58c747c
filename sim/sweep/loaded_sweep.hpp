#pragma once

#include "sim/sweep/expansion.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace descent {

/// A sweep that can begin: its scenario is sound, and so is each value in some point.
struct LoadedSweep {
  SweepSettings settings;
  std::vector<SweepPoint> points;
  /// Of the scenario that is varied: its platform file, and --set.
  std::filesystem::path platform;
  std::vector<std::string> overrides;
  /// The files that points read besides the scenario's.
  std::set<std::filesystem::path> inputs;

  /// All that makes the point of the file's scenario.
  std::vector<std::string> overrides_of(const SweepPoint& point) const;
};

/// Throws InputError with all that is wrong with scenario and sweep, or where the points are too many.
LoadedSweep load_swept(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                       std::optional<std::uint64_t> seed, std::size_t most_points);

}  // namespace descent
