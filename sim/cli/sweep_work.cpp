#include "sim/cli/sweep_work.hpp"

#include "algorithms/core/error.hpp"
#include "sim/cli/sweep_point.hpp"
#include "sim/cli/sweep_progress.hpp"
#include "sim/sweep/level_check.hpp"

#include <fmt/format.h>

#include <csignal>
#include <utility>

namespace descent {

namespace fs = std::filesystem;

PointList some_of(const PointList& points, std::size_t wanted) {
  PointList some;
  for (const std::size_t place : spread(points.size(), wanted)) {
    some.push_back(points[place]);
  }
  return some;
}

SweepWork::SweepWork(const SweepOptions& options)
    : options_(options),
      sweep_(load_swept(options.file, options.overrides, options.seed, options.most_points)),
      directory_(options.out.value_or(fs::path("results") / (sweep_.settings.scenario_name + "-sweep"))),
      file_(directory_ / "results.sqlite"),
      identity_(identity_of(sweep_.settings, sweep_.platform, sweep_.inputs)) {}

RecordedPoints SweepWork::recorded() const {
  const auto results = ResultsFile::find(file_, identity_);
  return results ? results->points() : RecordedPoints();
}

PointList SweepWork::pending(const std::vector<SweepPoint>& points, const RecordedPoints& recorded) const {
  PointList pending;
  for (const SweepPoint& point : points) {
    const auto found = recorded.find(point.key);
    const std::string status = found == recorded.end() ? "pending" : found->second.status;
    if (status != "done" && (status != "failed" || options_.retry)) {
      pending.push_back(&point);
    }
  }
  return pending;
}

RunOptions SweepWork::run_of(const SweepPoint& point) const {
  RunOptions run;
  run.file = sweep_.settings.file;
  run.overrides = sweep_.overrides_of(point);
  run.seed = point.seed;
  run.threads = options_.thread_count();
  run.quiet = true;
  run.trace = options_.trace;
  return run;
}

int SweepWork::make_results(const fs::path& to, const std::vector<SweepPoint>& points, const std::string& task,
                            const std::function<PointList(const PointList&)>& choose) const {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a full disk, and told as such
  const SweepLock lock(to);
  try {
    return record_results(to, points, task, choose);
  } catch (const RunError& error) {
    throw RunError(
        fmt::format("{}; what is recorded is sound, and the same command goes on when this is mended", error.what()));
  }
}

int SweepWork::record_results(const fs::path& to, const std::vector<SweepPoint>& points, const std::string& task,
                              const std::function<PointList(const PointList&)>& choose) const {
  ResultsFile results = ResultsFile::open(to / "results.sqlite", identity_);
  results.plan(sweep_.settings, points, {options_.job_count(), options_.thread_count(), task});
  const Scratch scratch(to);
  const PointList missing = choose(record_left_behind(pending(points, results.points()), scratch, results));
  SweepProgressDisplay display(sweep_.settings.scenario_name, !options_.quiet && !options_.json);
  const RunPointsOptions how{options_.job_count(),
                             {options_.time_limit_s, options_.memory_limit_bytes},
                             [&](const SweepProgress& progress) { display.show(progress); }};
  // Relative paths in what is recorded start where all results come together.
  const int signal = run_points(
      missing, [&](const SweepPoint& point, const fs::path& out) { return run_point(run_of(point), out, directory_); },
      how, scratch, results, progress_before(points, results.points(), missing.size()));
  scratch.remove();
  return signal;
}

SweepProgress SweepWork::progress_before(const std::vector<SweepPoint>& points, const RecordedPoints& recorded,
                                         std::size_t missing) const {
  const SweepTally counts = tally(points, recorded);
  SweepProgress progress;
  progress.done = counts.done;
  progress.failed = options_.retry ? 0 : counts.failed;
  progress.total = progress.done + progress.failed + missing;
  return progress;
}

nlohmann::ordered_json SweepWork::summary(const RecordedPoints& recorded) const {
  const SweepTally counts = tally(sweep_.points, recorded);
  return {{"scenario", sweep_.settings.scenario_name},
          {"results", file_.string()},
          {"points", sweep_.points.size()},
          {"done", counts.done},
          {"failed", counts.failed},
          {"left", counts.left},
          {"runs_wall_s", counts.wall_s},
          {"list", points_json(sweep_.settings, sweep_.points, recorded)}};
}

void print_results(const SweepWork& work, const RecordedPoints& recorded, const std::string& left_are) {
  const SweepTally counts = tally(work.points(), recorded);
  fmt::print("{}: {} points: {} done, {} failed{}\n{}  wrote {}\n", work.settings().scenario_name, work.points().size(),
             counts.done, counts.failed, counts.left > 0 ? fmt::format(", {} {}", counts.left, left_are) : "",
             point_table(work.settings(), work.points(), recorded), work.file().string());
}

}  // namespace descent
