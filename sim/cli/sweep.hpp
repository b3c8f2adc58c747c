#pragma once

#include "sim/sweep/expansion.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace descent {

/// Tasks of an array, unless the user says otherwise: few enough for any cluster's limits.
inline constexpr std::size_t kMostTasks = 100;

/// What the command line of `sweep` says.
struct SweepOptions {
  std::filesystem::path file;
  /// XPATH=VALUE, of the scenario that is varied.
  std::vector<std::string> overrides;
  /// Instead of the sweep's own.
  std::optional<std::uint64_t> seed;
  std::optional<std::filesystem::path> out;
  /// Runs at a time, by default one per processor, and threads of each.
  std::optional<std::size_t> jobs;
  std::optional<std::size_t> threads;
  std::optional<double> time_limit_s;
  std::optional<std::uint64_t> memory_limit_bytes;
  std::size_t most_points = kMostPoints;
  /// Run failed points too.
  bool retry = false;
  /// Keep each run's timeline.
  bool trace = false;
  /// "": run; "list": only list the points; "measure": list them, and run some of them to know what the others cost.
  std::string dry_run;
  bool json = false;
  bool quiet = false;
  /// Submit the points as tasks of Slurm; take over what tasks have left; wait until they are over.
  bool slurm = false;
  bool collect = false;
  bool wait = false;
  /// At most so many at once.
  std::size_t tasks = kMostTasks;
  /// For `sbatch`.
  std::vector<std::string> sbatch_words;
  /// Of a task: what was submitted.
  std::optional<std::filesystem::path> submission;

  /// In Slurm these are of each task, and one where not said.
  std::size_t job_count() const;
  /// So that jobs and threads together do not exceed the processors.
  std::size_t thread_count() const;
};

void add_sweep_options(CLI::App& command, SweepOptions& options);

/// 1 where a point has failed. Throws InputError and RunError.
int sweep_verb(const SweepOptions& options);

/// Checks a file's <sweep>, whose scenario is sound, and some of its points. Returns ", a sweep of N points". Throws
/// InputError.
std::string check_sweep(const std::filesystem::path& file, const std::vector<std::string>& overrides);

}  // namespace descent
