#include "sim/cli/options.hpp"

#include "algorithms/core/units.hpp"
#include "sim/validate/run_plan.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <thread>

namespace descent {

std::size_t RunOptions::thread_count() const {
  return threads.value_or(std::max<std::size_t>(1, std::thread::hardware_concurrency()));
}

std::filesystem::path RunOptions::output_directory(const std::string& scenario_name, std::uint64_t used_seed) const {
  return out.value_or(std::filesystem::path("results") / fmt::format("{}-{}", scenario_name, used_seed));
}

void add_time_limit(CLI::App& command, std::optional<double>& seconds, const char* meaning) {
  command.add_option("--time-limit", seconds, meaning)
      ->transform(CLI::Validator(
          [](std::string& text) -> std::string {
            const std::optional<double> limit = parse_quantity(text, Unit::seconds);
            if (!limit || *limit == 0) {
              return fmt::format("'{}' is no duration above 0; allowed: such as {}", text,
                                 unit_examples(Unit::seconds));
            }
            text = fmt::format("{}", *limit);
            return "";
          },
          ""))
      ->type_name("DURATION");
}

void add_probe_options(CLI::App& command, ProbeSettings& probes) {
  command.add_option("--rounds", probes.rounds, "passes over all measurements (default 5)")->check(CLI::Range(1, 1000));
  command.add_option("--largest", probes.largest, "bytes of the largest messages (default 4194304)")
      ->check(CLI::Range(std::uint64_t{65536}, std::uint64_t{1} << 30U));
  command.add_option("--longest", probes.longest, "seconds that a message takes at most, about (default 0.05)")
      ->check(CLI::PositiveNumber);
  command.add_flag("--paced", probes.receives_while_computing,
                   "for `run --mpi --paced`, where ranks receive while they compute");
}

void add_run_options(CLI::App& command, RunOptions& options) {
  command.add_option("FILE", options.file, "scenario file")->required();
  command.add_option("--set", options.overrides, "XPATH=VALUE: override a part of the scenario (repeatable)")
      ->type_name("XPATH=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--seed", options.seed, "override the scenario's seed")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--out", options.out, "directory for the results (default: results/NAME-SEED)")->type_name("DIR");
  command.add_option("--threads", options.threads, "threads for gradients and evaluations (default: all processors)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  command
      .add_option("--gradient-memory", options.gradient_memory,
                  "simulation: gradients held at once; those beyond are computed when they are summed, which takes "
                  "longer, with the same results (default: 256MiB)")
      ->type_name("SIZE")
      ->transform(CLI::AsSizeValue(true));
  command.add_flag("--json", options.json, "the summary as JSON on standard output, and nothing else");
  command.add_flag("--quiet", options.quiet, "print nothing but errors");
  command.add_flag("--paced", options.paced,
                   "over MPI: computations last as long as on the modelled hosts (implied by disturbances)");
  command.add_flag("--trace", options.trace, "also write timeline.json (Chrome trace format)");
}

void add_record_option(CLI::App& command, RunOptions& options) {
  command
      .add_option("--record", options.record,
                  "over MPI: also write the order of events, which `descent run --replay` repeats with the same bits")
      ->type_name("F");
}

void add_validation_options(CLI::App& command, ValidationOptions& options) {
  CLI::Option* files = command.add_option("FILE", options.files, "scenario files")->check(CLI::ExistingFile);
  command
      .add_option("--from", options.from,
                  "run nothing: join what earlier validations have left in these directories (repeatable)")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->excludes(files);
  command.add_option("--set", options.overrides, "XPATH=VALUE: override a part of the scenarios (repeatable)")
      ->type_name("XPATH=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--platform", options.platform, "platform file instead of the scenarios' own")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  CLI::Option* smpi = command.add_flag("--smpi", options.smpi, "measure in SimGrid's SMPI instead of over real MPI");
  command.add_option("--repeats", options.repeats, "measurements of each scenario (default: 5; 1 with --smpi)")
      ->type_name("N")
      ->check(CLI::Range(1, 10000));
  command.add_option("--hostfile", options.hostfile, "machines to measure on, as mpirun takes them")
      ->type_name("F")
      ->check(CLI::ExistingFile)
      ->excludes(smpi);
  command.add_flag("--paced", options.paced, "measured computations last as long as on the modelled hosts");
  add_time_limit(command, options.time_limit_s,
                 "of each run: one that takes longer is ended and has failed (default: 1h, or ten times the prediction "
                 "if that is more)");
  command.add_option("--seed", options.seed, "override the scenarios' seeds")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--out", options.out, "directory for the results (default: results/validation)")->type_name("DIR");
  command.add_option("--threads", options.threads, "threads for gradients and evaluations (default: all processors)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  command.callback([&options] {
    if (options.files.empty() && options.from.empty()) {
      throw CLI::RequiredError("FILE");
    }
  });
  command.add_flag("--json", options.json, "the comparison as JSON on standard output, and nothing else");
  command.add_flag("--quiet", options.quiet, "print nothing but errors");
}

}  // namespace descent
