#include "sim/cli/sweep_point.hpp"

#include "algorithms/core/error.hpp"
#include "sim/cli/complete_run.hpp"
#include "sim/run/memory_estimate.hpp"
#include "sim/run/prepare.hpp"
#include "sim/sweep/run_points.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

namespace descent {
namespace {

int print_error(const std::exception& error, int code) {
  fmt::print(stderr, "{}\n", error.what());
  return code;
}

}  // namespace

int run_point(RunOptions run, const std::filesystem::path& directory, const std::filesystem::path& home) {
  try {
    run.out = directory;
    const CompleteRun complete = complete_run(run);
    const nlohmann::ordered_json summary = summarize(complete.scenario, complete.result);
    try {
      write_results(directory, complete.result, summary, effective_scenario(complete.loaded, home), run.trace);
    } catch (const RunError& error) {
      return print_error(error, kCannotWrite);
    }
  } catch (const InputError& error) {
    return print_error(error, 2);
  }
  return 0;
}

int check_point(const RunOptions& run) {
  try {
    LoadedRun loaded = load_run(run.file, run.overrides, run.seed);
    refuse_beyond_memory(prepare(*std::move(loaded.loaded.scenario), std::move(loaded.plan)));
  } catch (const InputError& error) {
    return print_error(error, 2);
  }
  return 0;
}

}  // namespace descent
