#include "sim/cli/sweep.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/units.hpp"
#include "sim/cli/complete_run.hpp"
#include "sim/cli/sweep_progress.hpp"
#include "sim/run/memory_estimate.hpp"
#include "sim/run/prepare.hpp"
#include "sim/scenario/sweep_reader.hpp"
#include "sim/sweep/level_check.hpp"
#include "sim/sweep/listing.hpp"
#include "sim/sweep/point_check.hpp"
#include "sim/sweep/run_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>

namespace descent {
namespace {

namespace fs = std::filesystem;

/// A sweep that can begin.
struct LoadedSweep {
  SweepSettings settings;
  std::vector<SweepPoint> points;
  fs::path platform;
};

[[noreturn]] void refuse(std::vector<Diagnostic> problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
  std::string text;
  for (const Diagnostic& problem : problems) {
    text += (text.empty() ? "" : "\n") + to_string(problem);
  }
  throw InputError(text);
}

LoadedSweep load(const fs::path& file, const std::vector<std::string>& overrides, std::optional<std::uint64_t> seed,
                 std::size_t most_points) {
  LoadResult base = load_scenario(file, overrides, seed);
  SweepResult sweep = load_sweep(file, overrides, seed);
  base.problems.insert(base.problems.end(), sweep.problems.begin(), sweep.problems.end());
  if (!base.problems.empty()) {
    refuse(std::move(base.problems));
  }
  LoadedSweep loaded{*std::move(sweep.sweep), {}, base.scenario->platform};
  loaded.points = expand(loaded.settings, most_points);
  if (std::vector<Diagnostic> refused = check_levels(loaded.settings, loaded.points, overrides); !refused.empty()) {
    refuse(std::move(refused));
  }
  return loaded;
}

std::vector<std::string> all_overrides(const LoadedSweep& sweep, const SweepPoint& point,
                                       std::vector<std::string> overrides) {
  const std::vector<std::string> changes = overrides_of(sweep.settings, point);
  overrides.insert(overrides.end(), changes.begin(), changes.end());
  return overrides;
}

int print_input_error(const InputError& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 2;
}

/// What a child does: `descent run` with results in `directory`, whose scenario.xml is for a file in `home`.
int run_point(const RunOptions& run, const fs::path& home) {
  try {
    const CompleteRun complete = complete_run(run);
    const nlohmann::ordered_json summary = summarize(complete.scenario, complete.result);
    try {
      write_results(*run.out, complete.result, summary, effective_scenario(complete.loaded, home), false);
    } catch (const RunError& error) {
      fmt::print(stderr, "{}\n", error.what());
      return kCannotWrite;
    }
  } catch (const InputError& error) {
    return print_input_error(error);
  }
  return 0;
}

/// As `descent check`.
int check_point(const LoadedSweep& sweep, const SweepPoint& point, const std::vector<std::string>& overrides) {
  try {
    LoadedRun run = load_run(sweep.settings.file, all_overrides(sweep, point, overrides), point.seed);
    refuse_beyond_memory(prepare(*std::move(run.loaded.scenario), std::move(run.plan)));
  } catch (const InputError& error) {
    return print_input_error(error);
  }
  return 0;
}

class SweepCommand {
 public:
  explicit SweepCommand(const SweepOptions& options)
      : options_(options),
        sweep_(load(options.file, options.overrides, options.seed, options.most_points)),
        directory_(options.out.value_or(fs::path("results") / (sweep_.settings.scenario_name + "-sweep"))),
        file_(directory_ / "results.sqlite"),
        identity_(identity_of(sweep_.settings, sweep_.platform)) {}

  int run() {
    const int signal = make_results(pending_points());
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
    std::vector<const SweepPoint*> left = pending_points();
    if (options_.dry_run == "measure") {
      constexpr std::size_t kMeasured = 3;
      std::vector<const SweepPoint*> some;
      for (const std::size_t place : spread(left.size(), kMeasured)) {
        some.push_back(left[place]);
      }
      if (const int signal = make_results(some); signal != 0) {
        std::raise(signal);
      }
      left = pending_points();
    }
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

  std::vector<const SweepPoint*> pending_points() const {
    const auto recorded = recorded_points();
    std::vector<const SweepPoint*> pending;
    for (const SweepPoint& point : sweep_.points) {
      const auto found = recorded.find(point.key);
      const std::string status = found == recorded.end() ? "pending" : found->second.status;
      if (status != "done" && (status != "failed" || options_.retry)) {
        pending.push_back(&point);
      }
    }
    return pending;
  }

  /// Runs points and records them. Returns a signal that has ended it, or 0.
  int make_results(const std::vector<const SweepPoint*>& points) {
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a full disk, and told as such
    const SweepLock lock(directory_);
    ResultsFile results = ResultsFile::open(file_, identity_);
    results.plan(sweep_.settings, sweep_.points, options_.job_count(), options_.thread_count());
    const Scratch scratch(directory_);
    const std::vector<const SweepPoint*> missing = record_left_behind(points, scratch, results);
    SweepProgressDisplay display(sweep_.settings.scenario_name, !options_.quiet && !options_.json);
    const RunPointsOptions how{options_.job_count(),
                               {options_.time_limit_s, options_.memory_limit_bytes},
                               [&](const SweepProgress& progress) { display.show(progress); }};
    const int signal = run_points(
        missing,
        [&](const SweepPoint& point, const fs::path& to) { return run_point(options_of(point, to), directory_); }, how,
        scratch, results, progress_before(missing.size()));
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

  RunOptions options_of(const SweepPoint& point, const fs::path& directory) const {
    RunOptions run;
    run.file = sweep_.settings.file;
    run.overrides = all_overrides(sweep_, point, options_.overrides);
    run.seed = point.seed;
    run.out = directory;
    run.threads = options_.thread_count();
    run.quiet = true;
    return run;
  }

  /// Checks them, or some of many, and marks those that would fail. Returns how many it has checked.
  std::size_t mark_invalid(const std::vector<const SweepPoint*>& points,
                           std::map<std::string, RecordedPoint>& recorded) const {
    constexpr std::size_t kMostChecks = 1000;
    std::vector<const SweepPoint*> some;
    for (const std::size_t place : spread(points.size(), kMostChecks)) {
      some.push_back(points[place]);
    }
    const auto wrong = check_points(
        some, [&](const SweepPoint& point) { return check_point(sweep_, point, options_.overrides); },
        options_.job_count());
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
  const LoadedSweep sweep = load(file, overrides, std::nullopt, kMostPoints);
  return fmt::format(", a sweep of {} points", sweep.points.size());
}

}  // namespace descent
