#pragma once

#include "sim/cli/options.hpp"
#include "sim/record/results.hpp"
#include "sim/replay/recorded_order.hpp"
#include "sim/run/prepare.hpp"

namespace descent {

/// Runs the scenario on SimGrid, in this order of events if there is one. Once per process.
RunResult simulate(const PreparedRun& run, const RunOptions& options, const RecordedOrder* order = nullptr);

}  // namespace descent
