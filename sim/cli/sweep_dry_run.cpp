#include "algorithms/core/units.hpp"
#include "sim/cli/slurm_script.hpp"
#include "sim/cli/sweep_point.hpp"
#include "sim/cli/sweep_work.hpp"
#include "sim/slurm/whereabouts.hpp"
#include "sim/sweep/point_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <optional>

namespace descent {
namespace {

/// Checks the points, or some of many, and marks those that would fail. Returns how many it has checked.
std::size_t mark_invalid(const SweepWork& work, const PointList& points, RecordedPoints& recorded) {
  constexpr std::size_t kMostChecks = 1000;
  const PointList some = some_of(points, kMostChecks);
  const auto wrong = check_points(
      some, [&](const SweepPoint& point) { return check_point(work.run_of(point)); }, work.options().job_count());
  for (const auto& [number, message] : wrong) {
    recorded[work.points()[number - 1].key] = {.status = "invalid", .message = message};
  }
  return some.size();
}

/// Seconds for what is left, by what was done.
std::optional<double> estimate(const SweepWork& work, const RecordedPoints& recorded) {
  const SweepTally counts = tally(work.points(), recorded);
  if (counts.done == 0) {
    return std::nullopt;
  }
  const std::size_t tasks = work.options().slurm ? work.options().tasks : 1;
  const auto at_once =
      static_cast<double>(std::min(tasks * work.options().job_count(), std::max<std::size_t>(counts.left, 1)));
  return counts.wall_s / static_cast<double>(counts.done) * static_cast<double>(counts.left) / at_once;
}

void print_plan(const SweepWork& work, const RecordedPoints& recorded, std::size_t left, std::size_t checked) {
  const auto seconds = estimate(work, recorded);
  fmt::print("{}: {} points, {} to run{}\n{}  {}\n", work.settings().scenario_name, work.points().size(), left,
             checked < left ? fmt::format(" ({} of them checked)", checked) : "",
             point_table(work.settings(), work.points(), recorded),
             seconds ? fmt::format("estimate       {} with --jobs {}, by the mean of the runs that are done",
                                   format_seconds(*seconds), work.options().job_count())
                     : "estimate       unknown, as no run is done; --dry-run=measure runs three");
}

}  // namespace

int dry_run(const SweepWork& work) {
  const SweepOptions& options = work.options();
  if (options.dry_run == "measure") {
    constexpr std::size_t kMeasured = 3;
    const int signal = work.make_results(work.directory(), work.points(), "",
                                         [](const PointList& pending) { return some_of(pending, kMeasured); });
    if (signal != 0) {
      std::raise(signal);
    }
  }
  RecordedPoints recorded = work.recorded();
  const PointList left = work.pending(work.points(), recorded);
  const std::size_t checked = mark_invalid(work, left, recorded);
  if (options.json) {
    nlohmann::ordered_json json = work.summary(recorded);
    const auto seconds = estimate(work, recorded);
    json["estimate_s"] = seconds ? nlohmann::ordered_json(*seconds) : nullptr;
    fmt::print("{}\n", json.dump(2));
  } else if (!options.quiet) {
    print_plan(work, recorded, left.size(), checked);
    if (options.slurm) {
      const auto under_way = whereabouts_of(work.points(), recorded, SlurmTasks(work.directory())).state_of;
      print_slurm_plan(work, static_cast<std::size_t>(std::count_if(left.begin(), left.end(), [&](const auto* point) {
                         return !under_way.contains(point->key);
                       })));
    }
  }
  return 0;
}

}  // namespace descent
