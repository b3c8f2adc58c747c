#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace descent {

/// What one run has left in its directory.
struct RunOutcome {
  /// Of summary.json.
  nlohmann::json summary;
  /// Training losses by iteration, where they were observed. Not finite where the run diverged.
  std::map<std::uint64_t, double> losses;
};

/// Throws RunError where the directory has no results of a run.
RunOutcome read_outcome(const std::filesystem::path& directory);

/// The columns `iteration` and `loss` of a metrics.csv; of an iteration that was observed several times, the last.
std::map<std::uint64_t, double> losses_of(const std::string& metrics_csv);

}  // namespace descent
