#include "sim/scenario/input_files.hpp"

#include "algorithms/data/sources.hpp"
#include "sim/scenario/platform_text.hpp"
#include "sim/scenario/scenario.hpp"

namespace descent {
namespace {

/// SimGrid looks where we stand first, and then beside the platform.
std::filesystem::path profile_of(const std::filesystem::path& platform, const std::filesystem::path& profile) {
  return std::filesystem::exists(profile) ? profile : platform.parent_path() / profile;
}

}  // namespace

std::vector<std::filesystem::path> input_files(const Scenario& scenario) {
  std::vector<std::filesystem::path> files{scenario.platform};
  for (const std::string& profile : read_platform_text(scenario.platform).files) {
    files.push_back(profile_of(scenario.platform, profile));
  }
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
