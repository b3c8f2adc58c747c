#include "sim/cli/load_run.hpp"

#include "algorithms/core/error.hpp"
#include "sim/simgrid/platform_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
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
/// star around the first and the last, which every missing zone route breaks. A host with several ranks talks to
/// itself.
std::vector<std::pair<std::string, std::string>> routes_of(const Plan& plan) {
  constexpr std::size_t kAllPairs = 48;
  std::map<std::string, std::size_t> ranks;
  for (const Placement& rank : plan.ranks) {
    ++ranks[rank.host.name];
  }
  const std::vector<std::pair<std::string, std::size_t>> hosts(ranks.begin(), ranks.end());
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto add = [&](std::size_t i, std::size_t j) {
    if (i != j || hosts[i].second > 1) {
      pairs.emplace_back(hosts[i].first, hosts[j].first);
    }
  };
  if (hosts.size() <= kAllPairs) {
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      for (std::size_t j = 0; j < hosts.size(); ++j) {
        add(i, j);
      }
    }
    return pairs;
  }
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    add(i, i);
    add(i, (i + 1) % hosts.size());
    for (const std::size_t centre : {std::size_t{0}, hosts.size() - 1}) {
      if (i != centre) {
        add(i, centre);
        add(centre, i);
      }
    }
  }
  return pairs;
}

/// The first setting of what the ends of messages do, if there is one: see simulated::MessageCosts.
const PlatformSetting* message_costs_in(const std::vector<PlatformSetting>& settings) {
  const auto found = std::find_if(settings.begin(), settings.end(), [](const PlatformSetting& setting) {
    return setting.name == "smpi/async-small-thresh" || setting.name == "smpi/ois" || setting.name == "smpi/or";
  });
  return found == settings.end() ? nullptr : &*found;
}

/// What receivers add up takes them time.
bool rates_reductions(const Plan& plan) {
  return std::any_of(plan.ranks.begin(), plan.ranks.end(), [](const Placement& rank) {
    return std::any_of(rank.host.rates.begin(), rank.host.rates.end(),
                       [](const auto& rate) { return rate.first.starts_with("reduction."); });
  });
}

/// What a user would want to know of the network that the scenario chose.
void add_network_notes(LoadedRun& run) {
  /// From here on sharing links among messages takes most of a run's time.
  constexpr std::size_t kMany = 2000;
  const Scenario& scenario = *run.loaded.scenario;
  const auto note = [&](const std::string& text) {
    run.notes.push_back({scenario.file.string(), scenario.network.line, "<network>: note: " + text});
  };
  if (scenario.network.model == "IB") {
    note("SimGrid's model IB goes by the order of memory addresses: times may differ from run to run");
  } else if (scenario.network.fidelity == "message" && run.plan.ranks.size() > kMany) {
    note(fmt::format("{} ranks; fidelity=\"schedule\" simulates so many much sooner", run.plan.ranks.size()));
  }
}

}  // namespace

LoadedRun load_run(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                   std::optional<std::uint64_t> seed) {
  LoadedRun run;
  run.loaded = load_scenario(file, overrides, seed);
  if (!run.loaded.scenario) {
    throw InputError(joined(run.loaded.problems));
  }
  Scenario& scenario = *run.loaded.scenario;
  const ProbedPlatform platform = probe_platform(scenario, [&](const std::vector<HostInfo>& hosts) {
    std::vector<Diagnostic> ignored;
    return routes_of(make_plan(scenario, hosts, ignored));
  });
  std::vector<Diagnostic> problems;
  run.plan = make_plan(scenario, platform.hosts, problems);
  run.plan.links = plan_links(scenario, platform.links, problems);
  if (!problems.empty()) {
    throw InputError(joined(problems));
  }
  run.platform_settings = platform.settings;
  if (scenario.network.fidelity == "schedule" && platform.changing_link) {
    scenario.network.fidelity = "message";
    run.notes.push_back({scenario.platform.string(), *platform.changing_link,
                         "note: a profile changes a link during the run, which fidelity=\"schedule\" cannot follow; "
                         "the run goes on with fidelity=\"message\""});
  } else if (const PlatformSetting* costs = message_costs_in(platform.settings);
             scenario.network.fidelity == "schedule" && costs != nullptr) {
    scenario.network.fidelity = "message";
    run.notes.push_back({scenario.platform.string(), costs->line,
                         fmt::format("note: <config> {} is of single messages, which fidelity=\"schedule\" does not "
                                     "see; the run goes on with fidelity=\"message\"",
                                     costs->name)});
  } else if (scenario.network.fidelity == "schedule" && scenario.collective && rates_reductions(run.plan)) {
    scenario.network.fidelity = "message";
    run.notes.push_back({scenario.platform.string(), 0,
                         "note: hosts have rates of reductions, which fidelity=\"schedule\" does not see; the run goes "
                         "on with fidelity=\"message\""});
  } else if (scenario.network.fidelity == "schedule" && !scenario.link_changes.empty()) {
    scenario.network.fidelity = "message";
    run.notes.push_back({scenario.file.string(), scenario.link_changes.front().line,
                         "note: <link-change> changes links during the run, which fidelity=\"schedule\" cannot follow; "
                         "the run goes on with fidelity=\"message\""});
  } else if (scenario.network.fidelity == "schedule" && !scenario.link_outages.empty()) {
    scenario.network.fidelity = "message";
    run.notes.push_back({scenario.file.string(), scenario.link_outages.front().line,
                         "note: <link-outage> turns links off during the run, which fidelity=\"schedule\" cannot "
                         "follow; the run goes on with fidelity=\"message\""});
  } else if (scenario.network.fidelity == "schedule" && scenario.loses_messages() && scenario.collective) {
    scenario.network.fidelity = "message";
    run.notes.push_back({scenario.file.string(), scenario.network.line,
                         "note: messages of a collective may be lost, which fidelity=\"schedule\" does not see; the "
                         "run goes on with fidelity=\"message\""});
  } else {
    add_network_notes(run);
  }
  for (const PlatformSetting& setting : platform.overruled) {
    run.notes.push_back({scenario.platform.string(), setting.line,
                         fmt::format("note: <config> {}={} is without effect: the scenario's <network> and this "
                                     "program settle it",
                                     setting.name, setting.value)});
  }
  return run;
}

void print_notes(const LoadedRun& run, bool quiet) {
  for (const Diagnostic& note : run.notes) {
    if (!quiet) {
      fmt::print(stderr, "{}\n", to_string(note));
    }
  }
}

void print_sweep_note(const LoadedRun& run, bool quiet) {
  if (run.loaded.sweep_line && !quiet) {
    fmt::print(stderr, "{}\n",
               to_string({run.loaded.scenario->file.string(), *run.loaded.sweep_line,
                          "note: <sweep> is left out; `descent sweep` runs its points"}));
  }
}

std::string settings_of_platform(const LoadedRun& run) {
  std::string text;
  for (const PlatformSetting& setting : run.platform_settings) {
    text += fmt::format("{}{}={}", text.empty() ? ", platform: " : " ", setting.name, setting.value);
  }
  return text;
}

}  // namespace descent
