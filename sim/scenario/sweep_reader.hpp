#pragma once

#include "sim/scenario/scenario.hpp"
#include "sim/scenario/sweep_settings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace descent {

struct SweepResult {
  /// Absent when there are problems.
  std::optional<SweepSettings> sweep;
  /// In the order of lines.
  std::vector<Diagnostic> problems;
};

/// Reads a scenario file's <sweep>. `overrides` are of the scenario that is varied, a seed takes the place of the
/// sweep's own. What is wrong with the scenario itself, load_scenario tells, and what the schema says of <sweep> too.
SweepResult load_sweep(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                       std::optional<std::uint64_t> seed);

}  // namespace descent
