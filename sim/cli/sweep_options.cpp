#include "algorithms/core/units.hpp"
#include "sim/cli/sweep.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <thread>

namespace descent {
namespace {

std::size_t processors() {
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

/// Of an option: a quantity above 0, as a number in base units.
CLI::Validator quantity(Unit unit) {
  return {[unit](std::string& text) -> std::string {
            const std::optional<double> value = parse_quantity(text, unit);
            if (!value || *value == 0) {
              return fmt::format("'{}' is no such quantity above 0; allowed: such as {}", text, unit_examples(unit));
            }
            text = fmt::format("{}", *value);
            return "";
          },
          "QUANTITY"};
}

void add_slurm_options(CLI::App& command, SweepOptions& options) {
  CLI::Option* slurm = command.add_flag(
      "--slurm", options.slurm,
      "submit the points that are left as an array of Slurm's tasks, each with --jobs (default: 1) "
      "runs at a time; those lost by tasks of before are submitted again. Words after -- are options of "
      "sbatch: --slurm -- --partition=short --time=1:00:00");
  CLI::Option* collect =
      command.add_flag("--collect", options.collect, "take over the results that Slurm's tasks have so far; run none")
          ->excludes(slurm);
  command.add_flag("--wait", options.wait, "with --slurm or --collect: until no task waits or runs any more");
  command.add_option("--tasks", options.tasks, "of Slurm, at most (default: 100)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{4'000'000}))
      ->needs(slurm);
  command.add_option("--task", options.submission)->group("")->excludes(slurm)->excludes(collect);
}

}  // namespace

std::size_t SweepOptions::job_count() const {
  return jobs.value_or(slurm ? 1 : processors());
}

std::size_t SweepOptions::thread_count() const {
  return threads.value_or(slurm ? 1 : std::max<std::size_t>(1, processors() / job_count()));
}

void add_sweep_options(CLI::App& command, SweepOptions& options) {
  command.add_option("FILE", options.file, "scenario file with a <sweep>")->required();
  command.add_option("--set", options.overrides, "XPATH=VALUE: override a part of the scenario (repeatable)")
      ->type_name("XPATH=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--seed", options.seed, "run each point with this seed, instead of the sweep's")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--out", options.out, "directory for results.sqlite (default: results/NAME-sweep)")
      ->type_name("DIR");
  command.add_option("--jobs", options.jobs, "runs at a time (default: as many as processors)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  command.add_option("--threads", options.threads, "threads of each run (default: processors / jobs)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  command.add_option("--time-limit", options.time_limit_s, "of each run; one that takes longer has failed")
      ->type_name("TIME")
      ->transform(quantity(Unit::seconds));
  command
      .add_option("--memory-limit", options.memory_limit_bytes, "of each run, resident; one that takes more has failed")
      ->type_name("SIZE")
      ->transform(CLI::AsSizeValue(true))
      ->check(CLI::PositiveNumber);
  command.add_option("--max-points", options.most_points, "refuse sweeps of more points (default: 100000)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}));
  command.add_flag("--retry", options.retry, "run points that have failed before once more");
  command.add_flag("--trace", options.trace, "also keep the timelines of runs, for `report` and `plot gantt`");
  command
      .add_flag(
          "--dry-run{list}", options.dry_run,
          "list the points, check them and estimate the cost; run none. --dry-run=measure runs three of them, and "
          "keeps their results, to know what the others cost")
      ->check(CLI::IsMember({"list", "measure"}));
  add_slurm_options(command, options);
  command.add_flag("--json", options.json, "the summary as JSON on standard output, and nothing else");
  command.add_flag("--quiet", options.quiet, "print nothing but errors");
}

}  // namespace descent
