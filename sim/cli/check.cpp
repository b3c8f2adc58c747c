#include "algorithms/core/error.hpp"
#include "sim/cli/load_run.hpp"
#include "sim/cli/sweep.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/run/memory_estimate.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace descent {

int check_verb(const std::vector<std::filesystem::path>& files, const std::vector<std::string>& overrides) {
  int code = 0;
  for (const std::filesystem::path& file : files) {
    try {
      LoadedRun run = load_run(file, overrides, std::nullopt);
      const bool has_sweep = run.loaded.sweep_line.has_value();
      print_notes(run, false);
      const PreparedRun prepared = prepare(*std::move(run.loaded.scenario), std::move(run.plan));
      refuse_beyond_memory(prepared);
      const std::string of_sweep = has_sweep ? check_sweep(file, overrides) : "";
      fmt::print("{}: ok: {} on {} ranks, {} parameters, {} training samples{}\n", file.string(),
                 prepared.scenario.strategy.kind, prepared.plan.ranks.size(), prepared.training.problem->parameters(),
                 prepared.training.problem->samples(), of_sweep);
    } catch (const InputError& error) {
      fmt::print(stderr, "{}\n", error.what());
      code = 2;
    }
  }
  return code;
}

}  // namespace descent
