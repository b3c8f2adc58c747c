#pragma once

#include "sim/cli/options.hpp"
#include "sim/cli/sweep.hpp"
#include "sim/sweep/listing.hpp"
#include "sim/sweep/loaded_sweep.hpp"
#include "sim/sweep/run_points.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace descent {

using PointList = std::vector<const SweepPoint*>;
using RecordedPoints = std::map<std::string, RecordedPoint>;

/// So many of them, evenly spread.
PointList some_of(const PointList& points, std::size_t wanted);

/// A sweep as the command line tells it: which points, where their results go, and how they are run.
class SweepWork {
 public:
  /// Throws InputError where scenario or sweep are not sound.
  explicit SweepWork(const SweepOptions& options);

  const SweepOptions& options() const { return options_; }
  const SweepSettings& settings() const { return sweep_.settings; }
  const std::vector<SweepPoint>& points() const { return sweep_.points; }
  const std::filesystem::path& directory() const { return directory_; }
  const std::filesystem::path& file() const { return file_; }
  const SweepIdentity& identity() const { return identity_; }

  RecordedPoints recorded() const;
  /// Of these points, those to be run.
  PointList pending(const std::vector<SweepPoint>& points, const RecordedPoints& recorded) const;
  /// As `descent run` takes the point.
  RunOptions run_of(const SweepPoint& point) const;

  /// Notes the points in the results file of `to`, which may be another directory than the sweep's, runs those of the
  /// pending ones that `choose` takes, and records them. `task`: of Slurm. Returns a signal that has ended it, or 0.
  int make_results(const std::filesystem::path& to, const std::vector<SweepPoint>& points, const std::string& task,
                   const std::function<PointList(const PointList&)>& choose) const;

  nlohmann::ordered_json summary(const RecordedPoints& recorded) const;

 private:
  int record_results(const std::filesystem::path& to, const std::vector<SweepPoint>& points, const std::string& task,
                     const std::function<PointList(const PointList&)>& choose) const;
  SweepProgress progress_before(const std::vector<SweepPoint>& points, const RecordedPoints& recorded,
                                std::size_t missing) const;

  const SweepOptions& options_;
  LoadedSweep sweep_;
  std::filesystem::path directory_;
  std::filesystem::path file_;
  SweepIdentity identity_;
};

/// "12 points: 10 done, 1 failed, 1 killed, ...", with the table; what the points that are left do is `left_are`.
void print_results(const SweepWork& work, const RecordedPoints& recorded, const std::string& left_are);

/// The points, what would fail, and what it would take: nothing is run, but where it is to be measured. Returns the
/// exit code.
int dry_run(const SweepWork& work);
/// Submits tasks to Slurm and takes over their results, as the options say. Returns the exit code.
int run_in_slurm(const SweepWork& work);
/// Is one of Slurm's tasks. Returns the exit code.
int run_task(const SweepWork& work);

}  // namespace descent
