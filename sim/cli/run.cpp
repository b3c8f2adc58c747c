#include "algorithms/core/error.hpp"
#include "sim/cli/complete_run.hpp"
#include "sim/cli/report.hpp"
#include "sim/cli/simulate.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/replay/run_identity.hpp"
#include "sim/run/kernels.hpp"
#include "sim/run/memory_estimate.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace descent {

namespace {

RunResult replay(const PreparedRun& run, const RunOptions& options) {
  refuse_unrepeatable(run.scenario);
  const std::string name = options.replay->string();
  const RecordedOrder order = read_order(*options.replay);
  refuse_other_run(name, order, run);
  try {
    RunResult result = simulate(run, options, &order);
    result.replayed = name;
    return result;
  } catch (const RunError& error) {
    throw RunError(fmt::format("{}: cannot be replayed: {}", name, error.what()));
  }
}

}  // namespace

int plan_verb(const RunOptions& options) {
  fmt::print("{}\n", to_json(load_run(options.file, options.overrides, options.seed).plan));
  return 0;
}

CompleteRun complete_run(const RunOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  LoadedRun loaded = load_run(options.file, options.overrides, options.seed);
  print_notes(loaded, options.quiet);
  print_sweep_note(loaded, options.quiet);
  const PreparedRun run = prepare(*loaded.loaded.scenario, std::move(loaded.plan));
  refuse_beyond_memory(run);
  for (const std::string& kernel : unrated_kernels(run.plan, kernel_names(run.scenario, *run.training.problem))) {
    if (!options.quiet) {
      fmt::print(stderr, "{}: note: not all hosts have the rate of {}; without it they compute at their speed\n",
                 run.scenario.platform.string(), kernel);
    }
  }
  RunResult result = options.replay ? replay(run, options) : simulate(run, options);
  result.network_model += settings_of_platform(loaded);
  result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return {std::move(loaded.loaded), run.scenario, std::move(result)};
}

int run_verb(const RunOptions& options) {
  const CompleteRun run = complete_run(options);
  report(run.scenario, run.result, run.loaded, options);
  return 0;
}

}  // namespace descent
