#include "sim/scenario/input_files.hpp"

#include "algorithms/data/sources.hpp"
#include "sim/scenario/scenario.hpp"

namespace descent {

std::vector<std::filesystem::path> input_files(const Scenario& scenario) {
  std::vector<std::filesystem::path> files{scenario.platform};
  if (scenario.data) {
    for (std::string& file : files_of(scenario.data->kind, scenario.data->settings)) {
      files.emplace_back(std::move(file));
    }
  }
  for (const SlowdownSettings& slowdown : scenario.slowdowns) {
    if (slowdown.distribution.kind == "trace") {
      files.emplace_back(slowdown.distribution.settings.text("file"));
    }
  }
  return files;
}

}  // namespace descent
