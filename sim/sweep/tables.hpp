#pragma once

#include "sim/scenario/sweep_settings.hpp"

#include <string>

namespace descent {

/// The tables of a results file. A point's rows in `metrics` and `curves` are there with status "done", and only then.
///
/// * `meta(name, value)`: whose results they are: scenario, digests, the <sweep>, host and versions of the first
/// session.
/// * `sessions`: each call of `descent sweep` that ran points, with machine, program, jobs and threads; `task` is
///   JOB_TASK where it was one of Slurm's.
/// * `inputs(path, digest)`: the files that runs read besides the scenario, from where it is.
/// * `points`: one row each. `number` is the place in the sweep as it was last started, null for one that is no longer
/// in it;
///   `status` is pending, done, failed (by itself: not run again without --retry) or killed (from outside: run again).
///   `summary` and `scenario` are the run's summary.json and scenario.xml.
/// * `parameters(point, axis, value, number)`: `number` in base units, null where the value is no number.
/// * `metrics(point, name, value)`: the numbers in the summary, such as `iteration_time_s.mean`.
/// * `curves(point, row, time_s, …)`: the rows of metrics.csv; a column for each of its columns.
/// * `timelines(point, json)`: timeline.json of runs with --trace, compressed by zlib.
std::string tables_sql();

/// `points_wide`: the points of the sweep, with a column for each axis and for the main results. An axis's name goes
/// before that of a result.
std::string view_sql(const SweepSettings& sweep);

}  // namespace descent
