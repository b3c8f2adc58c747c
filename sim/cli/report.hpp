#pragma once

#include "sim/cli/options.hpp"
#include "sim/record/results.hpp"
#include "sim/scenario/load.hpp"

namespace descent {

/// Writes the result files and tells the user, as the options ask.
void report(const Scenario& scenario, const RunResult& result, const LoadResult& loaded, const RunOptions& options);

}  // namespace descent
