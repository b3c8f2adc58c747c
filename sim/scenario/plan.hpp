#pragma once

#include "sim/rates/kernel_rate.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace descent {

struct Cast;
struct Diagnostic;
struct Scenario;

/// A host of the platform.
struct HostInfo {
  std::string name;
  /// flop/s of one core, before profiles and disturbances.
  double speed = 0;
  int cores = 1;
  /// Line of the platform file where a profile changes its speed during a run; 0: none does.
  int speed_profile_line = 0;
  /// Of kernels that were measured there.
  KernelRates rates = {};
  /// Whether its ranks send and receive while they compute.
  bool overlaps = true;
};

/// A link of the platform.
struct LinkInfo {
  std::string name;
  bool wifi = false;
  /// Line of the platform file where a profile changes its bandwidth or latency; 0: none does.
  int profile_line = 0;
};

/// Where one rank runs, and as what.
struct Placement {
  std::string role;
  /// Which of its role: 0, 1, …
  std::size_t index = 0;
  HostInfo host;
  /// The scenario runs this host at so many times its speed.
  double speed_factor = 1;
  /// Which of the scenario's slowdowns apply to this host.
  std::vector<std::size_t> slowdowns;
  /// Which of its slow periods do.
  std::vector<std::size_t> slow_periods = {};
  /// Which of its failures do.
  std::vector<std::size_t> failures = {};
  // Which of its jitters apply to messages from this host, and to it. For simulation only, as `Plan::links`.
  std::vector<std::size_t> jitters_from = {};
  std::vector<std::size_t> jitters_to = {};
  // The same of its message losses, and which of its network partitions have this host inside.
  std::vector<std::size_t> losses_from = {};
  std::vector<std::size_t> losses_to = {};
  std::vector<std::size_t> network_partitions = {};
};

/// A link, and which of the scenario's changes and outages apply to it.
struct ChangedLink {
  std::string name;
  std::vector<std::size_t> changes = {};
  std::vector<std::size_t> outages = {};
};

/// The ranks of a run: workers first, then the other roles in the order of the deployment.
struct Plan {
  std::vector<Placement> ranks;
  /// What happens to links. For simulation only: no part of the plan's JSON, which is for real ranks.
  std::vector<ChangedLink> links = {};
  /// Number of ranks with this role.
  std::size_t count(const std::string& role) const;
};

/// Workers and servers of a plan.
Cast cast_of(const Plan& plan);

/// Places of the names that a pattern names, in natural order (node-2 before node-10), each once. A pattern
/// is a list of names separated by spaces or commas outside brackets; `[0-7,9]` stands for each of these
/// numbers, `*` for any characters; a name in quotes (' or ") stands for itself. Parts that name none are appended to
/// `unmatched`. match_hosts gives the hosts.
std::vector<std::size_t> match_names(const std::string& pattern, std::span<const std::string> names,
                                     std::vector<std::string>& unmatched);
std::vector<HostInfo> match_hosts(const std::string& pattern, std::span<const HostInfo> hosts,
                                  std::vector<std::string>& unmatched);

/// Places the scenario's ranks on the platform's hosts: the ranks of a role are dealt out over its hosts in turn. A
/// host runs at the factor of the last <host-speed> that names it. What does not fit the platform (patterns of any
/// element that name no host) or the strategy (numbers of ranks) is appended to `problems`; the plan is then of no use.
Plan make_plan(const Scenario& scenario, std::span<const HostInfo> hosts, std::vector<Diagnostic>& problems);

/// What the scenario changes of these links, in the order of its elements. What does not fit the platform is appended
/// to `problems`.
std::vector<ChangedLink> plan_links(const Scenario& scenario, std::span<const LinkInfo> links,
                                    std::vector<Diagnostic>& problems);

/// flop/s at which each rank of a role computes while all of them do, as platform and scenario say: where they
/// outnumber the cores of a host they share them.
std::vector<double> modelled_speeds(const Plan& plan, const std::string& role);

/// Of each rank, the number of its host: 0, 1, … in the order in which ranks name hosts first.
std::vector<int> nodes_of(const Plan& plan);

/// A plan as JSON text, and back with the same bits. plan_from_json throws InputError on anything else.
std::string to_json(const Plan& plan);
Plan plan_from_json(const std::string& text);

}  // namespace descent
