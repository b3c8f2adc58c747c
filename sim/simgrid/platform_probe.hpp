#pragma once

#include "sim/scenario/plan.hpp"
#include "sim/scenario/platform_text.hpp"
#include "sim/scenario/scenario.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace descent {

/// What SimGrid says of a platform file.
struct ProbedPlatform {
  std::vector<HostInfo> hosts;
  /// Where the scenario changes any.
  std::vector<LinkInfo> links;
  /// Settings of the file's <config> that hold in the run, and those that the scenario or this program has settled.
  std::vector<PlatformSetting> settings;
  std::vector<PlatformSetting> overruled;
  /// Line of the file's first profile that changes a link during a run.
  std::optional<int> changing_link;
};

/// Pairs of hosts that will have to talk, given all hosts.
using RoutesWanted = std::function<std::vector<std::pair<std::string, std::string>>(const std::vector<HostInfo>&)>;

/// Loads the scenario's platform in a child process and tells its hosts, because SimGrid ends the process on some bad
/// files, and because a process has one engine. Throws InputError with SimGrid's own words at the line of the platform
/// file that it had reached, or at the scenario's <platform> where that is not known; or naming a pair without a route.
ProbedPlatform probe_platform(const Scenario& scenario, const RoutesWanted& routes);

}  // namespace descent
