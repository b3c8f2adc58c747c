#include "sim/run/collect.hpp"

#include <algorithm>
#include <utility>

namespace descent {
namespace {

std::vector<DisturbedPeriod> disturbances_of(const Scenario& scenario, double time_s) {
  std::vector<DisturbedPeriod> periods;
  const auto add = [&](const std::string& element, const std::string& where, const Period& period) {
    if (period.start < time_s) {
      periods.push_back({element + " " + where, period.start, std::min(period.end, time_s)});
    }
  };
  for (const SlowPeriod& slow : scenario.slow_periods) {
    add("slow-period", slow.hosts, slow.period);
  }
  for (const LinkChange& change : scenario.link_changes) {
    add("link-change", change.links, change.period);
  }
  for (const LinkOutage& outage : scenario.link_outages) {
    add("link-outage", outage.links, outage.period);
  }
  for (const NetworkPartition& partition : scenario.network_partitions) {
    add("network-partition", partition.hosts, partition.period);
  }
  for (const MessageLoss& loss : scenario.message_losses) {
    add("message-loss", loss.from + " to " + loss.to, loss.period);
  }
  return periods;
}

}  // namespace

Targets targets_of(const Scenario& scenario) {
  return {scenario.stop.target_loss, scenario.stop.target_accuracy};
}

ObservationTimes observation_times_of(const Scenario& scenario) {
  return {scenario.observe.every_iterations, scenario.observe.every_s};
}

RunResult collect(const PreparedRun& run, std::vector<RankRecord> ranks, Evaluations& evaluations, double time_s) {
  RunResult result;
  result.time_s = time_s;
  result.ranks = std::move(ranks);
  result.observations = evaluations.finish();
  result.disturbances = disturbances_of(run.scenario, time_s);
  const Targets targets = targets_of(run.scenario);
  const auto met = std::find_if(result.observations.begin(), result.observations.end(),
                                [&](const Observation& observation) { return targets.met_by(observation); });
  if (met != result.observations.end()) {
    result.time_to_target_s = met->time_s;
  }
  result.parameters_digest = evaluations.final_parameters().digest();
  result.training_samples = run.training.problem->samples();
  return result;
}

}  // namespace descent
