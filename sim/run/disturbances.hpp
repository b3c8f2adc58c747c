#pragma once

#include "sim/disturbance/jitter.hpp"
#include "sim/disturbance/network_faults.hpp"
#include "sim/disturbance/slowdown.hpp"
#include "sim/scenario/plan.hpp"
#include "sim/scenario/scenario.hpp"

#include <memory>
#include <vector>

namespace descent {

/// By slowdown of the scenario; nothing where that is not of distribution="trace".
using Traces = std::vector<std::shared_ptr<const Trace>>;

/// Reads the scenario's traces. Throws InputError: at the file's own line, or at the <slowdown> where the columns do
/// not fit the workers that it applies to.
Traces load_traces(const Scenario& scenario, const Plan& plan);

/// The slowdowns that apply to a rank's host, in the order of the scenario.
std::vector<RankSlowdown> slowdowns_of(const Scenario& scenario, const Traces& traces, const Plan& plan,
                                       std::size_t rank);

/// The slow periods of a rank's host, as what its speed is multiplied by over time.
Course speed_of(const Scenario& scenario, const Placement& placement);
/// The scenario's jitters between these ranks.
Jitter jitter_of(const Scenario& scenario, const Plan& plan);
/// How the scenario loses messages between these ranks, but by outages of links.
NetworkFaults network_faults_of(const Scenario& scenario, const Plan& plan);
/// What a link's bandwidth or latency is multiplied by over time.
Course course_of(const Scenario& scenario, const ChangedLink& link, double LinkChange::*factor);
/// 0 while the link carries nothing, else 1.
Course availability_of(const Scenario& scenario, const ChangedLink& link);

}  // namespace descent
