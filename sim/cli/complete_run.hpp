#pragma once

#include "sim/cli/load_run.hpp"
#include "sim/cli/options.hpp"
#include "sim/record/results.hpp"

namespace descent {

/// A simulation that has come to its end.
struct CompleteRun {
  LoadResult loaded;
  Scenario scenario;
  RunResult result;
};

/// Simulates what the options say, with its notes on standard error. Throws InputError and RunError.
CompleteRun complete_run(const RunOptions& options);

}  // namespace descent
