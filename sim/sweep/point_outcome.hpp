#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace descent {

/// Rows of numbers under names: a metrics.csv.
struct Curve {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<double>>> rows;
};

/// What has become of one point, as it is recorded.
struct PointOutcome {
  std::string key;
  enum class Status { done, failed, killed } status = Status::done;
  /// Why it is not done.
  std::string message = {};
  std::optional<int> exit_code = {};
  double wall_s = 0;
  std::uint64_t peak_bytes = 0;
  /// Of its start, in UTC: 2026-01-31T12:00:00Z.
  std::string started = {};
  /// Of one that is done: summary.json and scenario.xml, and from these its numbers by name.
  std::string summary = {};
  std::string scenario = {};
  std::vector<std::pair<std::string, double>> metrics = {};
  Curve curve = {};
  /// timeline.json, compressed (zlib); "" of one without.
  std::string timeline = {};
};

/// "done", "failed", "killed".
const char* name_of(PointOutcome::Status status);

/// Whether all results of a run are there.
bool has_results(const std::filesystem::path& directory);

/// Fills in what a run's results tell: summary.json, metrics.csv and scenario.xml. Throws RunError where they are not
/// whole.
void read_results(const std::filesystem::path& directory, PointOutcome& outcome);

/// The numbers in a summary, those within objects as `staleness.mean`; not those of single ranks, nor histograms.
std::vector<std::pair<std::string, double>> numbers_in_summary(const std::string& summary_json);

Curve curve_in(const std::string& metrics_csv);

}  // namespace descent
