#pragma once

#include "sim/scenario/plan.hpp"
#include "sim/scenario/scenario.hpp"

#include <set>
#include <string>
#include <vector>

namespace descent {

class Problem;

/// What in a scenario contradicts itself, as far as the file alone shows. Checks that read any of the `unsound`
/// elements are left out: what they would find follows from problems that are already known.
std::vector<Diagnostic> check_semantics(const Scenario& scenario, const std::set<std::string>& unsound);

/// Of these, what constraint, regularizer, optimizer and strategy have against each other.
std::vector<Diagnostic> check_composite(const Scenario& scenario);
std::vector<Diagnostic> check_recovery(const Scenario& scenario);
std::vector<Diagnostic> check_balance(const Scenario& scenario);

/// What needs the whole vector where several ranks hold parts of it, whose bounds are not those of its tensors.
std::vector<Diagnostic> check_parts(const Scenario& scenario, const Plan& plan);

/// Numbers of ranks and shards against what the strategy takes. `plan` has all ranks.
std::vector<Diagnostic> check_ranks(const Scenario& scenario, const Plan& plan);

/// What shows only when the data is loaded: batches larger than a shard, workers without a shard, more servers than
/// parameters, targets that the model cannot meet, computation that takes no time without compute="free".
std::vector<Diagnostic> check_against_problem(const Scenario& scenario, const Plan& plan, const Problem& problem);

}  // namespace descent
