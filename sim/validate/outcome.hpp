#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// What of one run is compared.
struct RunOutcome {
  std::string strategy = {};
  std::size_t ranks = 0;
  std::size_t hosts = 0;
  bool race_free = false;
  /// Of the parameters; "" where nothing was computed.
  std::string digest = {};
  /// Those of `quantities`, in their order.
  std::vector<std::optional<double>> quantities = {};
  /// Gradients by their staleness.
  std::map<std::uint64_t, std::uint64_t> staleness = {};
  /// Training losses by iteration, where they were observed. Not finite where the run diverged.
  std::map<std::uint64_t, double> losses = {};
};

/// From the contents of summary.json and metrics.csv. Throws nlohmann::json::exception where the summary lacks what all
/// have.
RunOutcome outcome_of(const nlohmann::json& summary, const std::string& metrics_csv);

/// Throws RunError where the directory has no results of a run.
RunOutcome read_outcome(const std::filesystem::path& directory);

/// The columns `iteration` and `loss` of a metrics.csv; of an iteration that was observed several times, the last.
std::map<std::uint64_t, double> losses_of(const std::string& metrics_csv);

}  // namespace descent
