#pragma once

#include "algorithms/comm/work.hpp"
#include "algorithms/strategies/problem.hpp"
#include "sim/disturbance/charge.hpp"
#include "sim/scenario/plan.hpp"
#include "sim/scenario/scenario.hpp"

#include <array>
#include <string>
#include <vector>

namespace descent {

/// All kinds of work, in the order of their numbers.
inline constexpr std::array<WorkKind, 4> kWorkKinds = {WorkKind::gradient, WorkKind::update, WorkKind::combination,
                                                       WorkKind::reduction};

/// By what name the kernel of a kind of work is known in a scenario, so that another scenario's with the same name
/// takes as long for as many flops: "gradient.mlp.203530.single". Empty where the scenario does not compute it, or has
/// it timed as another one's.
using KernelNames = std::array<std::string, kWorkKinds.size()>;
KernelNames kernel_names(const Scenario& scenario, const Problem& problem);

/// What the work of a host takes: at the rates that were measured of its kernels, at the host's speed where none was.
/// Reductions of unknown rate take no time.
Charges charges_at_rates(const HostInfo& host, const KernelNames& names);

/// Those of the scenario's kernels whose rates some of the plan's hosts know and others, or all, do not: for platforms
/// with rates.
std::vector<std::string> unrated_kernels(const Plan& plan, const KernelNames& names);

}  // namespace descent
