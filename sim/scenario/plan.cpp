#include "sim/scenario/plan.hpp"

#include "algorithms/strategies/strategy.hpp"

#include "sim/scenario/host_pattern.hpp"
#include "sim/scenario/semantics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <map>

namespace descent {
namespace {

constexpr std::size_t kMostListed = 4;

class Planner {
 public:
  Planner(const Scenario& scenario, std::span<const HostInfo> hosts, std::vector<Diagnostic>& problems)
      : scenario_(scenario), hosts_(hosts), problems_(problems) {}

  Plan make() {
    const std::size_t problems_before = problems_.size();
    read_speeds();
    read_slowdowns();
    read_failures();
    read_slow_periods();
    read_jitters();
    read_network_faults();
    const auto is_worker = [](const Role& role) { return role.name == "worker"; };
    std::vector<Role> roles = scenario_.deployment;
    std::stable_partition(roles.begin(), roles.end(), is_worker);
    for (const Role& role : roles) {
      place(role);
    }
    if (problems_.size() == problems_before) {
      const std::vector<Diagnostic> found = check_ranks(scenario_, plan_);
      problems_.insert(problems_.end(), found.begin(), found.end());
    }
    return std::move(plan_);
  }

 private:
  void read_speeds() {
    for (const HostSpeed& speed : scenario_.host_speeds) {
      for (const HostInfo& host : find_hosts(speed.hosts, speed.line, "host-speed")) {
        speeds_[host.name] = speed.factor;
      }
    }
  }

  void read_slowdowns() {
    for (std::size_t i = 0; i < scenario_.slowdowns.size(); ++i) {
      const SlowdownSettings& slowdown = scenario_.slowdowns[i];
      const std::vector<HostInfo> hosts = find_hosts(slowdown.hosts, slowdown.line(), "slowdown");
      if (slowdown.tells_seconds()) {
        refuse_second_trace(hosts, slowdown.line());
      }
      for (const HostInfo& host : hosts) {
        slowdowns_[host.name].push_back(i);
      }
    }
  }

  void read_failures() {
    for (std::size_t i = 0; i < scenario_.failures.size(); ++i) {
      const FailureSettings& failures = scenario_.failures[i];
      for (const HostInfo& host :
           find_hosts(failures.hosts, failures.line, failures.mtbf_s > 0 ? "failures" : "crash")) {
        failures_[host.name].push_back(i);
      }
    }
  }

  /// A step's time can be told once only.
  void refuse_second_trace(const std::vector<HostInfo>& hosts, int line) {
    for (const HostInfo& host : hosts) {
      for (const std::size_t other : slowdowns_[host.name]) {
        if (scenario_.slowdowns[other].tells_seconds()) {
          problem(line, "slowdown",
                  fmt::format("host '{}' has its step times in seconds from line {}; allowed: one trace of "
                              "unit=\"seconds\" for a host",
                              host.name, scenario_.slowdowns[other].line()));
          return;
        }
      }
    }
  }

  void read_slow_periods() {
    for (std::size_t i = 0; i < scenario_.slow_periods.size(); ++i) {
      const SlowPeriod& slow = scenario_.slow_periods[i];
      const std::vector<HostInfo> hosts = find_hosts(slow.hosts, slow.line, "slow-period");
      const auto profiled =
          std::find_if(hosts.begin(), hosts.end(), [](const HostInfo& host) { return host.speed_profile_line > 0; });
      if (profiled != hosts.end()) {
        problem(slow.line, "slow-period",
                fmt::format("host '{}' has a profile of its speed already ({}:{}), and SimGrid follows one for a host; "
                            "allowed: hosts without one",
                            profiled->name, scenario_.platform.string(), profiled->speed_profile_line));
      }
      for (const HostInfo& host : hosts) {
        slow_periods_[host.name].push_back(i);
      }
    }
  }

  void read_jitters() {
    for (std::size_t i = 0; i < scenario_.jitters.size(); ++i) {
      const JitterSettings& jitter = scenario_.jitters[i];
      for (const HostInfo& host : find_hosts(jitter.from, jitter.distribution.line, "jitter", "from")) {
        jitters_from_[host.name].push_back(i);
      }
      for (const HostInfo& host : find_hosts(jitter.to, jitter.distribution.line, "jitter", "to")) {
        jitters_to_[host.name].push_back(i);
      }
    }
  }

  void read_network_faults() {
    for (std::size_t i = 0; i < scenario_.network_partitions.size(); ++i) {
      const NetworkPartition& partition = scenario_.network_partitions[i];
      for (const HostInfo& host : find_hosts(partition.hosts, partition.line, "network-partition")) {
        network_partitions_[host.name].push_back(i);
      }
    }
    for (std::size_t i = 0; i < scenario_.message_losses.size(); ++i) {
      const MessageLoss& loss = scenario_.message_losses[i];
      for (const HostInfo& host : find_hosts(loss.from, loss.line, "message-loss", "from")) {
        losses_from_[host.name].push_back(i);
      }
      for (const HostInfo& host : find_hosts(loss.to, loss.line, "message-loss", "to")) {
        losses_to_[host.name].push_back(i);
      }
    }
  }

  void place(const Role& role) {
    const std::vector<HostInfo> hosts = find_hosts(role.hosts, role.line, "role");
    if (hosts.empty()) {
      return;
    }
    for (const HostInfo& host : hosts) {
      if (!(host.speed > 0)) {
        problem(role.line, "role", fmt::format("host '{}' has no speed in the platform", host.name));
        return;
      }
    }
    const std::size_t count = role.count.value_or(hosts.size());
    for (std::size_t i = 0; i < count; ++i) {
      const HostInfo& host = hosts[i % hosts.size()];
      const auto speed = speeds_.find(host.name);
      plan_.ranks.push_back({role.name, placed_[role.name]++, host, speed == speeds_.end() ? 1 : speed->second,
                             of_host(slowdowns_, host), of_host(slow_periods_, host), of_host(failures_, host),
                             of_host(jitters_from_, host), of_host(jitters_to_, host), of_host(losses_from_, host),
                             of_host(losses_to_, host), of_host(network_partitions_, host)});
    }
  }

  using ByHost = std::map<std::string, std::vector<std::size_t>>;

  static std::vector<std::size_t> of_host(const ByHost& all, const HostInfo& host) {
    const auto found = all.find(host.name);
    return found == all.end() ? std::vector<std::size_t>() : found->second;
  }

  std::vector<HostInfo> find_hosts(const std::string& pattern, int line, std::string_view element,
                                   std::string_view attribute = "hosts") {
    std::vector<std::string> unmatched;
    std::vector<HostInfo> found = match_hosts(pattern, hosts_, unmatched);
    for (std::size_t i = 0; i < std::min(unmatched.size(), kMostListed); ++i) {
      problem(line, element, describe(unmatched[i]), attribute);
    }
    if (unmatched.size() > kMostListed) {
      problem(line, element, fmt::format("... and {} more names that are no hosts", unmatched.size() - kMostListed),
              attribute);
    }
    if (found.empty() && unmatched.empty()) {
      problem(line, element, "the list is empty; " + hosts_there(), attribute);
    }
    return found;
  }

  std::string describe(const std::string& part) const {
    if (part.find_first_of("[]") != std::string::npos) {
      return fmt::format("'{}' is no host pattern; allowed: names, with ranges as in node-[0-7,9] and *", part);
    }
    std::vector<std::string> names;
    for (const HostInfo& host : hosts_) {
      names.push_back(host.name);
    }
    return fmt::format("the platform has no host '{}'{}; {}", part, did_you_mean(part, names), hosts_there());
  }

  /// "it has a, b, … (16 hosts)"
  std::string hosts_there() const {
    std::vector<std::string> names;
    for (const HostInfo& host : hosts_) {
      names.push_back(quoted_host(host.name));
    }
    std::sort(names.begin(), names.end(), natural_less);
    if (names.empty()) {
      return "it has no hosts";
    }
    const std::size_t listed = std::min(names.size(), kMostListed);
    return fmt::format("it has {}{} ({} host{})",
                       fmt::join(names.begin(), names.begin() + static_cast<long>(listed), ", "),
                       listed < names.size() ? ", ..." : "", names.size(), names.size() == 1 ? "" : "s");
  }

  void problem(int line, std::string_view element, const std::string& what, std::string_view attribute = "hosts") {
    problems_.push_back({scenario_.file.string(), line, fmt::format("<{}> {}: {}", element, attribute, what)});
  }

  const Scenario& scenario_;
  std::span<const HostInfo> hosts_;
  std::vector<Diagnostic>& problems_;
  std::map<std::string, double> speeds_;
  ByHost slowdowns_;
  ByHost slow_periods_;
  ByHost failures_;
  ByHost jitters_from_;
  ByHost jitters_to_;
  ByHost losses_from_;
  ByHost losses_to_;
  ByHost network_partitions_;
  std::map<std::string, std::size_t> placed_;
  Plan plan_;
};

}  // namespace

std::size_t Plan::count(const std::string& role) const {
  return static_cast<std::size_t>(
      std::count_if(ranks.begin(), ranks.end(), [&](const Placement& rank) { return rank.role == role; }));
}

Cast cast_of(const Plan& plan) {
  return {static_cast<int>(plan.count("worker")), static_cast<int>(plan.count("server"))};
}

std::vector<double> modelled_speeds(const Plan& plan, const std::string& role) {
  std::map<std::string, int> ranks;
  for (const Placement& rank : plan.ranks) {
    ranks[rank.host.name] += rank.role == role ? 1 : 0;
  }
  std::vector<double> speeds;
  for (const Placement& rank : plan.ranks) {
    if (rank.role == role) {
      const double cores = std::min(1.0, static_cast<double>(rank.host.cores) / ranks[rank.host.name]);
      speeds.push_back(rank.host.speed * rank.speed_factor * cores);
    }
  }
  return speeds;
}

std::vector<int> nodes_of(const Plan& plan) {
  std::map<std::string, int> numbers;
  std::vector<int> nodes;
  for (const Placement& rank : plan.ranks) {
    nodes.push_back(numbers.try_emplace(rank.host.name, static_cast<int>(numbers.size())).first->second);
  }
  return nodes;
}

Plan make_plan(const Scenario& scenario, std::span<const HostInfo> hosts, std::vector<Diagnostic>& problems) {
  return Planner(scenario, hosts, problems).make();
}

}  // namespace descent
