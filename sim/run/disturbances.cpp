#include "sim/run/disturbances.hpp"

#include "algorithms/core/error.hpp"
#include "sim/scenario/load.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace descent {
namespace {

/// Only workers take training steps.
bool is_concerned(const Placement& placement, std::size_t slowdown) {
  return placement.role == "worker" &&
         std::find(placement.slowdowns.begin(), placement.slowdowns.end(), slowdown) != placement.slowdowns.end();
}

/// Workers that the slowdown applies to, among the first `ranks`.
std::size_t count_concerned(const Plan& plan, std::size_t slowdown, std::size_t ranks) {
  const auto begin = plan.ranks.begin();
  return static_cast<std::size_t>(
      std::count_if(begin, begin + static_cast<std::ptrdiff_t>(ranks),
                    [&](const Placement& placement) { return is_concerned(placement, slowdown); }));
}

std::shared_ptr<const Trace> load_trace(const SlowdownSettings& slowdown, const std::string& scenario,
                                        std::size_t workers) {
  const std::string& file = slowdown.distribution.settings.text("file");
  auto trace = std::make_shared<const Trace>(read_trace(file));
  const std::size_t columns = trace->columns.size();
  if (columns > 1 && (columns != workers || slowdown.shared)) {
    throw InputError(to_string(
        {scenario, slowdown.line(),
         fmt::format("<slowdown>: {} has {} columns; allowed: one{}", file, columns,
                     slowdown.shared ? ", which the ranks share"
                                     : fmt::format(", or one for each of the {} workers on these hosts", workers))}));
  }
  return trace;
}

}  // namespace

Traces load_traces(const Scenario& scenario, const Plan& plan) {
  Traces traces;
  traces.reserve(scenario.slowdowns.size());
  for (std::size_t i = 0; i < scenario.slowdowns.size(); ++i) {
    const SlowdownSettings& slowdown = scenario.slowdowns[i];
    traces.push_back(slowdown.distribution.kind == "trace"
                         ? load_trace(slowdown, scenario.file.string(), count_concerned(plan, i, plan.ranks.size()))
                         : nullptr);
  }
  return traces;
}

std::vector<RankSlowdown> slowdowns_of(const Scenario& scenario, const Traces& traces, const Plan& plan,
                                       std::size_t rank) {
  std::vector<RankSlowdown> mine;
  mine.reserve(plan.ranks[rank].slowdowns.size());
  for (const std::size_t i : plan.ranks[rank].slowdowns) {
    RankSlowdown slowdown{scenario.slowdowns[i], i, traces[i]};
    const bool own_column = slowdown.trace && !slowdown.settings.shared && is_concerned(plan.ranks[rank], i) &&
                            slowdown.trace->columns.size() == count_concerned(plan, i, plan.ranks.size());
    if (own_column) {
      slowdown.column = count_concerned(plan, i, rank);
    }
    mine.push_back(std::move(slowdown));
  }
  return mine;
}

Course speed_of(const Scenario& scenario, const Placement& placement) {
  std::vector<Period> periods;
  periods.reserve(placement.slow_periods.size());
  for (const std::size_t i : placement.slow_periods) {
    periods.push_back(scenario.slow_periods[i].period);
  }
  return Course(periods);
}

Course course_of(const Scenario& scenario, const ChangedLink& link, double LinkChange::*factor) {
  std::vector<Period> periods;
  periods.reserve(link.changes.size());
  for (const std::size_t i : link.changes) {
    const LinkChange& change = scenario.link_changes[i];
    periods.push_back({change.period.start, change.period.end, change.*factor});
  }
  return Course(periods);
}

Jitter jitter_of(const Scenario& scenario, const Plan& plan) {
  std::vector<Jitter::Rule> rules;
  rules.reserve(scenario.jitters.size());
  for (const JitterSettings& jitter : scenario.jitters) {
    const Choice& distribution = jitter.distribution;
    rules.push_back({find_distribution(distribution.kind).make(distribution.settings),
                     std::vector<bool>(plan.ranks.size()), std::vector<bool>(plan.ranks.size())});
  }
  for (std::size_t rank = 0; rank < plan.ranks.size(); ++rank) {
    for (const std::size_t i : plan.ranks[rank].jitters_from) {
      rules[i].from[rank] = true;
    }
    for (const std::size_t i : plan.ranks[rank].jitters_to) {
      rules[i].to[rank] = true;
    }
  }
  return {std::move(rules), nodes_of(plan), scenario.seed};
}

Course availability_of(const Scenario& scenario, const ChangedLink& link) {
  std::vector<Period> periods;
  periods.reserve(link.outages.size());
  for (const std::size_t i : link.outages) {
    const Period& period = scenario.link_outages[i].period;
    periods.push_back({period.start, period.end, 0});
  }
  return Course(periods);
}

NetworkFaults network_faults_of(const Scenario& scenario, const Plan& plan) {
  const std::vector<bool> nobody(plan.ranks.size());
  std::vector<NetworkFaults::Partition> partitions;
  partitions.reserve(scenario.network_partitions.size());
  for (const NetworkPartition& partition : scenario.network_partitions) {
    partitions.push_back({partition.period, nobody});
  }
  std::vector<NetworkFaults::Loss> losses;
  losses.reserve(scenario.message_losses.size());
  for (const MessageLoss& loss : scenario.message_losses) {
    losses.push_back({loss.probability, loss.period, nobody, nobody});
  }
  for (std::size_t rank = 0; rank < plan.ranks.size(); ++rank) {
    const Placement& placement = plan.ranks[rank];
    for (const std::size_t i : placement.network_partitions) {
      partitions[i].inside[rank] = true;
    }
    for (const std::size_t i : placement.losses_from) {
      losses[i].from[rank] = true;
    }
    for (const std::size_t i : placement.losses_to) {
      losses[i].to[rank] = true;
    }
  }
  return {std::move(partitions), std::move(losses), nodes_of(plan), scenario.seed};
}

}  // namespace descent
