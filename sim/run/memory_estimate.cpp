#include "sim/run/memory_estimate.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/memory.hpp"
#include "algorithms/core/units.hpp"

#include <fmt/format.h>

namespace descent {
namespace {

/// Measured with 10,000 to 100,000 ranks: 11 to 23 kB, with their hosts and links.
constexpr double kBytesPerRank = 12e3;

}  // namespace

MemoryEstimate estimate_memory(const PreparedRun& run) {
  MemoryEstimate estimate;
  estimate.ranks = kBytesPerRank * static_cast<double>(run.plan.ranks.size());
  if (run.training.math) {
    const Problem& problem = *run.training.problem;
    const double bytes = static_cast<double>(problem.parameters() * bytes_per_element(problem.precision()));
    estimate.vector_count = run.strategy->vectors(run.training.optimizer->slots());
    estimate.vectors = estimate.vector_count * bytes;
  }
  return estimate;
}

void refuse_beyond_memory(const PreparedRun& run) {
  const MemoryEstimate estimate = estimate_memory(run);
  const double available = memory_available();
  if (estimate.total() <= available) {
    return;
  }
  throw InputError(fmt::format(
      "{}: this run needs at least {} of memory, of which {} are available: {} for {} ranks, {} for {:.0f} vectors of "
      "{} "
      "parameters. Fewer ranks, a smaller model or, where only times are asked for, <training math=\"off\"> need less",
      run.scenario.file.string(), format_bytes(estimate.total()), format_bytes(available), format_bytes(estimate.ranks),
      run.plan.ranks.size(), format_bytes(estimate.vectors), estimate.vector_count,
      run.training.problem->parameters()));
}

}  // namespace descent
