#include "algorithms/core/error.hpp"
#include "sim/cli/load_run.hpp"
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
      print_notes(run, false);
      const PreparedRun prepared = prepare(*std::move(run.loaded.scenario), std::move(run.plan));
      refuse_beyond_memory(prepared);
      fmt::print("{}: ok: {} on {} ranks, {} parameters, {} training samples\n", file.string(),
                 prepared.scenario.strategy.kind, prepared.plan.ranks.size(), prepared.training.problem->parameters(),
                 prepared.training.problem->samples());
    } catch (const InputError& error) {
      fmt::print(stderr, "{}\n", error.what());
      code = 2;
    }
  }
  return code;
}

}  // namespace descent
