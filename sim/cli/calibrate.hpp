#pragma once

#include "sim/calibration/probes.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace descent {

/// What the command line of `calibrate` says.
struct CalibrateOptions {
  std::filesystem::path out = "results/calibration";
  /// Over MPI: so many ranks; as many as the host file has slots, or 2, when absent.
  std::optional<std::size_t> ranks;
  std::optional<std::filesystem::path> hostfile;
  /// Measure in simulation on this platform instead.
  std::optional<std::filesystem::path> simulate;
  /// Do not measure: fit these measurements.
  std::optional<std::filesystem::path> from;
  ProbeSettings probes;
  /// Scenarios whose kernels are measured.
  std::vector<std::filesystem::path> scenarios;
  /// Of the measurement, in seconds; kLongestRun when absent.
  std::optional<double> time_limit_s;
  /// flop/s of the platform's hosts.
  std::optional<double> speed;
  bool quiet = false;
  bool figure = true;
};

/// Writes points.csv, kernels.csv, platform.xml, predicted.csv, calibration.json and, unless not wanted, the figure of
/// the fit. Returns the exit code.
int calibrate_verb(const CalibrateOptions& options);

}  // namespace descent
