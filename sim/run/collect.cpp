#include "sim/run/collect.hpp"

#include <algorithm>
#include <utility>

namespace descent {

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
