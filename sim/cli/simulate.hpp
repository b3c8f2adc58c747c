#pragma once

#include "sim/cli/options.hpp"
#include "sim/record/results.hpp"
#include "sim/run/prepare.hpp"

namespace descent {

/// Runs the scenario on SimGrid. Once per process.
RunResult simulate(const PreparedRun& run, const RunOptions& options);

}  // namespace descent
