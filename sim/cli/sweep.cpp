#include "sim/cli/sweep.hpp"

#include "algorithms/core/error.hpp"
#include "sim/cli/sweep_work.hpp"
#include "sim/slurm/tasks.hpp"

#include <fmt/format.h>

#include <csignal>

namespace descent {
namespace {

namespace fs = std::filesystem;

void refuse_odd_options(const SweepOptions& options) {
  if (options.wait && !options.slurm && !options.collect) {
    throw InputError("--wait: allowed with --slurm or --collect");
  }
  if (!options.sbatch_words.empty() && !options.slurm) {
    throw InputError(
        fmt::format("'{}': what stands after -- is for sbatch; allowed with --slurm", options.sbatch_words.front()));
  }
  if ((options.slurm || options.collect) && options.dry_run == "measure") {
    throw InputError("--dry-run=measure: allowed without --slurm and --collect");
  }
}

int run_here(const SweepWork& work) {
  const SweepOptions& options = work.options();
  if (has_open_submissions(work.directory())) {
    throw InputError(
        fmt::format("{}: tasks of Slurm were to run points of this sweep; allowed: --slurm or --collect, and without "
                    "them once --collect has found these tasks over",
                    work.directory().string()));
  }
  const int signal = work.make_results(work.directory(), work.points(), "", [](const PointList& all) { return all; });
  if (signal != 0) {
    fmt::print(stderr, "descent: ended by signal {}; the same command goes on where this one was\n", signal);
    std::raise(signal);
    return 1;
  }
  const RecordedPoints recorded = work.recorded();
  if (options.json) {
    fmt::print("{}\n", work.summary(recorded).dump(2));
  } else if (!options.quiet) {
    print_results(work, recorded, "killed, which the same command runs again");
  }
  return tally(work.points(), recorded).done == work.points().size() ? 0 : 1;
}

}  // namespace

int sweep_verb(const SweepOptions& options) {
  refuse_odd_options(options);
  const SweepWork work(options);
  if (options.submission) {
    return run_task(work);
  }
  if (!options.dry_run.empty()) {
    return dry_run(work);
  }
  return options.slurm || options.collect ? run_in_slurm(work) : run_here(work);
}

std::string check_sweep(const fs::path& file, const std::vector<std::string>& overrides) {
  const LoadedSweep sweep = load_swept(file, overrides, std::nullopt, kMostPoints);
  return fmt::format(", a sweep of {} points", sweep.points.size());
}

}  // namespace descent
