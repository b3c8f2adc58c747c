#pragma once

#include "sim/sweep/fork_pool.hpp"
#include "sim/sweep/results_file.hpp"
#include "sim/sweep/scratch.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// Exit code of a run whose results could not be written: that is not the point's fault, and ends the sweep.
inline constexpr int kCannotWrite = 3;

/// Runs a point in a child of its own and leaves its results in the directory. Returns the exit code.
using PointProgram = std::function<int(const SweepPoint&, const std::filesystem::path& directory)>;

struct SweepProgress {
  std::size_t done = 0;
  std::size_t failed = 0;
  /// Of these, how many this call has run.
  std::size_t run = 0;
  std::size_t total = 0;
  double elapsed_s = 0;
};

struct RunPointsOptions {
  std::size_t jobs = 1;
  ChildLimits limits;
  /// Called after each end of a run, and at least every half second.
  std::function<void(const SweepProgress&)> progress = [](const SweepProgress&) {};
};

/// Runs the points that are given, in their order, and records each as it ends. Returns a signal that has ended it
/// before its time, or 0; all that has ended by then is recorded. `before`: what of the sweep is there already. Throws
/// RunError where results cannot be written.
int run_points(const std::vector<const SweepPoint*>& points, const PointProgram& program,
               const RunPointsOptions& options, const Scratch& scratch, ResultsFile& results, SweepProgress before);

/// Of these points, records those whose results are still in their directories, and returns the others.
std::vector<const SweepPoint*> record_left_behind(const std::vector<const SweepPoint*>& points, const Scratch& scratch,
                                                  ResultsFile& results);

/// What has become of a point, by how its child has ended and what it has left.
PointOutcome outcome_of(const SweepPoint& point, const ChildEnd& end, const ChildLimits& limits,
                        const std::filesystem::path& directory);

}  // namespace descent
