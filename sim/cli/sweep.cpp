#include "sim/cli/sweep.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/units.hpp"
#include "sim/cli/sweep_point.hpp"
#include "sim/cli/sweep_progress.hpp"
#include "sim/sweep/level_check.hpp"
#include "sim/sweep/listing.hpp"
#include "sim/sweep/loaded_sweep.hpp"
#include "sim/sweep/point_check.hpp"
#include "sim/sweep/run_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

namespace descent {
namespace {

namespace fs = std::filesystem;

using PointList = std::vector<const SweepPoint*>;

/// So many of them, evenly spread.
PointList some_of(const PointList& points, std::size_t wanted) {
  PointList some;
  for (const std::size_t place : spread(points.size(), wanted)) {
    some.push_back(points[place]);
  }
  return some;
}

class SweepCommand {
 public:
  explicit SweepCommand(const SweepOptions& options)
      : options_(options),
        sweep_(load_swept(options.file, options.overrides, options.seed, options.most_points)),
        directory_(options.out.value_or(fs::path("results") / (sweep_.settings.scenario_name + "-sweep"))),
        file_(directory_ / "results.sqlite"),
        identity_(identity_of(sweep_.settings, sweep_.platform)) {}

  int run() {
    const int signal = make_results([](const auto& pending) { return pending; });
    if (signal != 0) {
      fmt::print(stderr, "descent: ended by signal {}; the same command goes on where this one was\n", signal);
      std::raise(signal);
      return 1;
    }
    const auto recorded = recorded_points();
    const SweepTally counts = tally(sweep_.points, recorded);
    if (options_.json) {
      fmt::print("{}\n", summary(recorded).dump(2));
    } else if (!options_.quiet) {
      fmt::print("{}: {} points: {} done, {} failed{}\n{}  wrote {}\n", sweep_.settings.scenario_name,
                 sweep_.points.size(), counts.done, counts.failed,
                 counts.left > 0 ? fmt::format(", {} killed, which the same command runs again", counts.left) : "",
                 point_table(sweep_.settings, sweep_.points, recorded), file_.string());
    }
    return counts.done == sweep_.points.size() ? 0 : 1;
  }

  /// Nothing is run, but where it is to be measured.
  int dry_run() {
    if (options_.dry_run == "measure") {
      constexpr std::size_t kMeasured = 3;
      const int signal = make_results([](const PointList& pending) { return some_of(pending, kMeasured); });
      if (signal != 0) {
        std::raise(signal);
      }
    }
    const PointList left = pending_points();
    auto recorded = recorded_points();
    const std::size_t checked = mark_invalid(left, recorded);
    if (options_.json) {
      nlohmann::ordered_json json = summary(recorded);
      json["estimate_s"] = estimate(recorded) ? nlohmann::ordered_json(*estimate(recorded)) : nullptr;
      fmt::print("{}\n", json.dump(2));
    } else if (!options_.quiet) {
      print_plan(recorded, left.size(), checked);
    }
    return 0;
  }

 private:
  std::map<std::string, RecordedPoint> recorded_points() const {
    const auto results = ResultsFile::find(file_, identity_);
    return results ? results->points() : std::map<std::string, RecordedPoint>();
  }

  PointList pending_points() const {
    const auto recorded = recorded_points();
    PointList pending;
    for (const SweepPoint& point : sweep_.points) {
      const auto found = recorded.find(point.key);
      const std::string status = found == recorded.end() ? "pending" : found->second.status;
      if (status != "done" && (status != "failed" || options_.retry)) {
        pending.push_back(&point);
      }
    }
    return pending;
  }

  /// Runs those of the pending points that `choose` takes, and records them. Returns a signal that has ended it, or 0.
  int make_results(const std::function<PointList(const PointList&)>& choose) {
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a full disk, and told as such
    const SweepLock lock(directory_);
    try {
      return record_results(choose);
    } catch (const RunError& error) {
      throw RunError(
          fmt::format("{}; what is recorded is sound, and the same command goes on when this is mended", error.what()));
    }
  }

  int record_results(const std::function<PointList(const PointList&)>& choose) {
    ResultsFile results = ResultsFile::open(file_, identity_);
    results.plan(sweep_.settings, sweep_.points, options_.job_count(), options_.thread_count());
    const Scratch scratch(directory_);
    const PointList missing = choose(record_left_behind(pending_points(), scratch, results));
    SweepProgressDisplay display(sweep_.settings.scenario_name, !options_.quiet && !options_.json);
    const RunPointsOptions how{options_.job_count(),
                               {options_.time_limit_s, options_.memory_limit_bytes},
                               [&](const SweepProgress& progress) { display.show(progress); }};
    const int signal = run_points(
        missing, [&](const SweepPoint& point, const fs::path& to) { return run_point(run_of(point), to, directory_); },
        how, scratch, results, progress_before(missing.size()));
    scratch.remove();
    return signal;
  }

  SweepProgress progress_before(std::size_t missing) const {
    const SweepTally counts = tally(sweep_.points, recorded_points());
    SweepProgress progress;
    progress.done = counts.done;
    progress.failed = options_.retry ? 0 : counts.failed;
    progress.total = progress.done + progress.failed + missing;
    return progress;
  }

  RunOptions run_of(const SweepPoint& point) const {
    RunOptions run;
    run.file = sweep_.settings.file;
    run.overrides = sweep_.overrides_of(point);
    run.seed = point.seed;
    run.threads = options_.thread_count();
    run.quiet = true;
    return run;
  }

  /// Checks them, or some of many, and marks those that would fail. Returns how many it has checked.
  std::size_t mark_invalid(const PointList& points, std::map<std::string, RecordedPoint>& recorded) const {
    constexpr std::size_t kMostChecks = 1000;
    const PointList some = some_of(points, kMostChecks);
    const auto wrong = check_points(
        some, [&](const SweepPoint& point) { return check_point(run_of(point)); }, options_.job_count());
    for (const auto& [number, message] : wrong) {
      recorded[sweep_.points[number - 1].key] = {.status = "invalid", .message = message};
    }
    return some.size();
  }

  /// Seconds for what is left, by what was done.
  std::optional<double> estimate(const std::map<std::string, RecordedPoint>& recorded) const {
    const SweepTally counts = tally(sweep_.points, recorded);
    if (counts.done == 0) {
      return std::nullopt;
    }
    const auto at_once = static_cast<double>(std::min(options_.job_count(), std::max<std::size_t>(counts.left, 1)));
    return counts.wall_s / static_cast<double>(counts.done) * static_cast<double>(counts.left) / at_once;
  }

  void print_plan(const std::map<std::string, RecordedPoint>& recorded, std::size_t left, std::size_t checked) const {
    const auto seconds = estimate(recorded);
    fmt::print("{}: {} points, {} to run{}\n{}  {}\n", sweep_.settings.scenario_name, sweep_.points.size(), left,
               checked < left ? fmt::format(" ({} of them checked)", checked) : "",
               point_table(sweep_.settings, sweep_.points, recorded),
               seconds ? fmt::format("estimate       {} with --jobs {}, by the mean of the runs that are done",
                                     format_seconds(*seconds), options_.job_count())
                       : "estimate       unknown, as no run is done; --dry-run=measure runs three");
  }

  nlohmann::ordered_json summary(const std::map<std::string, RecordedPoint>& recorded) const {
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

  const SweepOptions& options_;
  LoadedSweep sweep_;
  fs::path directory_;
  fs::path file_;
  SweepIdentity identity_;
};

}  // namespace

int sweep_verb(const SweepOptions& options) {
  SweepCommand command(options);
  return options.dry_run.empty() ? command.run() : command.dry_run();
}

std::string check_sweep(const fs::path& file, const std::vector<std::string>& overrides) {
  const LoadedSweep sweep = load_swept(file, overrides, std::nullopt, kMostPoints);
  return fmt::format(", a sweep of {} points", sweep.points.size());
}

}  // namespace descent
