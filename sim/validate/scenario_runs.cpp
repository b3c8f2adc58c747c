#include "sim/validate/scenario_runs.hpp"

#include "algorithms/core/error.hpp"
#include "sim/validate/run_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace descent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSimulation = "simulation";

std::vector<fs::path> scenarios_in(const fs::path& directory) {
  std::vector<fs::path> scenarios;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, none)) {
    if (entry.is_directory() && fs::is_directory(entry.path() / kSimulation)) {
      scenarios.push_back(entry.path());
    }
  }
  if (scenarios.empty()) {
    throw InputError(fmt::format("{}: has no results of `descent validate`; allowed: what one wrote with --out",
                                 directory.string()));
  }
  std::sort(scenarios.begin(), scenarios.end());
  return scenarios;
}

ScenarioRuns read(const fs::path& scenario, const std::string& label, const std::string& measured_by) {
  ScenarioRuns runs{label};
  try {
    runs.predicted = read_outcome(scenario / kSimulation);
    for (int repeat = 1; fs::exists(scenario / fmt::format("{}-{}", measured_by, repeat) / "summary.json"); ++repeat) {
      runs.measured.push_back(read_outcome(scenario / fmt::format("{}-{}", measured_by, repeat)));
    }
    if (runs.measured.empty()) {
      runs.failure = fmt::format("{}: was not measured to its end", scenario.string());
    }
  } catch (const RunError& error) {
    runs.failure = error.what();
  }
  return runs;
}

}  // namespace

std::vector<ScenarioRuns> read_scenario_runs(const std::vector<fs::path>& directories, const std::string& measured_by) {
  std::vector<fs::path> scenarios;
  for (const fs::path& directory : directories) {
    const std::vector<fs::path> some = scenarios_in(directory);
    scenarios.insert(scenarios.end(), some.begin(), some.end());
  }
  const std::vector<std::string> labels = labels_of(scenarios);
  std::vector<ScenarioRuns> runs;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    runs.push_back(read(scenarios[i], labels[i], measured_by));
  }
  return runs;
}

}  // namespace descent
