#pragma once

#include "sim/record/evaluations.hpp"
#include "sim/record/results.hpp"
#include "sim/run/prepare.hpp"

#include <vector>

namespace descent {

/// The scenario's targets.
Targets targets_of(const Scenario& scenario);
ObservationTimes observation_times_of(const Scenario& scenario);

/// Puts together what the ranks recorded and what the evaluations found.
RunResult collect(const PreparedRun& run, std::vector<RankRecord> ranks, Evaluations& evaluations, double time_s);

}  // namespace descent
