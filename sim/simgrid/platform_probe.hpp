#pragma once

#include "sim/scenario/plan.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace descent {

/// What SimGrid says of a platform file.
struct ProbedPlatform {
  std::vector<HostInfo> hosts;
};

/// Loads a platform in a child process and tells its hosts, because SimGrid ends the process on some bad files,
/// and because a process has one engine. `routes` names the pairs of hosts that will have to talk, given all hosts.
/// Throws InputError with SimGrid's own words (file and line where it gives them), or naming the pair without a
/// route.
ProbedPlatform probe_platform(
    const std::filesystem::path& file,
    const std::function<std::vector<std::pair<std::string, std::string>>(const std::vector<HostInfo>&)>& routes);

}  // namespace descent
