#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// What the command line of `validate` says.
struct ValidationOptions {
  std::vector<std::filesystem::path> files;
  /// Instead of running any: what earlier validations have left in these directories.
  std::vector<std::filesystem::path> from;
  /// XPATH=VALUE, for all runs.
  std::vector<std::string> overrides;
  /// Instead of the scenarios' own.
  std::optional<std::filesystem::path> platform;
  /// Measure in SimGrid's SMPI instead of over real MPI.
  bool smpi = false;
  /// Of the measurement; by default 5, and 1 where it is SMPI's, which repeats exactly.
  std::optional<std::size_t> repeats;
  std::optional<std::filesystem::path> hostfile;
  bool paced = false;
  /// Of each run, in seconds; see time_limit_of.
  std::optional<double> time_limit_s;
  std::optional<std::uint64_t> seed;
  std::optional<std::size_t> threads;
  std::filesystem::path out = "results/validation";
  bool json = false;
  bool quiet = false;

  std::size_t repeat_count() const { return repeats.value_or(smpi ? 1 : 5); }
  /// "mpi" or "smpi".
  std::string measured_by() const { return smpi ? "smpi" : "mpi"; }
};

/// One run of one scenario.
struct PlannedRun {
  /// Which of the files.
  std::size_t scenario = 0;
  /// Which repeat of the measurement, from 1 on; 0: the simulation.
  std::size_t repeat = 0;

  bool measures() const { return repeat > 0; }
};

/// All simulations, which show what is wrong with a scenario at the least cost; then the first measurement of each
/// scenario, the second of each, …
std::vector<PlannedRun> plan_runs(std::size_t scenarios, std::size_t repeats);

/// What each scenario is called: its file's name without extension, with a number after it where several have the same.
std::vector<std::string> labels_of(const std::vector<std::filesystem::path>& files);

/// Where a run's results go: DIR/LABEL/simulation, DIR/LABEL/mpi-1, …
std::filesystem::path directory_of(const PlannedRun& run, const std::string& label, const ValidationOptions& options);

/// Whether a directory is named as one of these.
bool is_directory_of_run(const std::filesystem::path& directory);

/// How long a run may take, in seconds. Where nobody says: an hour, or for a measurement ten times what its simulation
/// has predicted, if that is more.
double time_limit_of(const PlannedRun& run, std::optional<double> predicted_s, const ValidationOptions& options);

/// The command that makes the run, without the program's name: `run FILE …`.
std::vector<std::string> words_of(const PlannedRun& run, const std::filesystem::path& directory,
                                  const ValidationOptions& options);

}  // namespace descent
