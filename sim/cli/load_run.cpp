#include "sim/cli/load_run.hpp"

#include "algorithms/core/error.hpp"
#include "sim/simgrid/platform_probe.hpp"

#include <set>
#include <utility>

namespace descent {
namespace {

std::string joined(const std::vector<Diagnostic>& problems) {
  std::string text;
  for (const Diagnostic& problem : problems) {
    text += (text.empty() ? "" : "\n") + to_string(problem);
  }
  return text;
}

/// Pairs of hosts to ask a route for: all of them on small platforms; on large ones a ring through the hosts and a
/// star around the first and the last, which every missing zone route breaks.
std::vector<std::pair<std::string, std::string>> routes_of(const Plan& plan) {
  constexpr std::size_t kAllPairs = 48;
  std::set<std::string> unique;
  for (const Placement& rank : plan.ranks) {
    unique.insert(rank.host.name);
  }
  const std::vector<std::string> hosts(unique.begin(), unique.end());
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    for (std::size_t j = 0; j < hosts.size(); ++j) {
      const bool neighbours = (i + 1) % hosts.size() == j;
      const bool star = i == 0 || j == 0 || i + 1 == hosts.size() || j + 1 == hosts.size();
      if (i != j && (hosts.size() <= kAllPairs || neighbours || star)) {
        pairs.emplace_back(hosts[i], hosts[j]);
      }
    }
  }
  return pairs;
}

}  // namespace

LoadedRun load_run(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                   std::optional<std::uint64_t> seed) {
  LoadedRun run;
  run.loaded = load_scenario(file, overrides, seed);
  if (!run.loaded.scenario) {
    throw InputError(joined(run.loaded.problems));
  }
  const Scenario& scenario = *run.loaded.scenario;
  ProbedPlatform platform;
  try {
    platform = probe_platform(scenario.platform, [&](const std::vector<HostInfo>& hosts) {
      std::vector<Diagnostic> ignored;
      return routes_of(make_plan(scenario, hosts, ignored));
    });
  } catch (const InputError& error) {
    throw InputError(to_string({scenario.file.string(), scenario.platform_line, error.what()}));
  }
  std::vector<Diagnostic> problems;
  run.plan = make_plan(scenario, platform.hosts, problems);
  if (!problems.empty()) {
    throw InputError(joined(problems));
  }
  return run;
}

}  // namespace descent
