#pragma once

#include "algorithms/strategies/learner.hpp"
#include "algorithms/strategies/progress_report.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace descent {

/// Where a replica goes on that has been left behind or begins anew: how far others are, as they count their updates,
/// and with the mean of which vectors; none: it keeps its own.
struct Takeover {
  std::uint64_t updates = 0;
  std::vector<Snapshot> vectors = {};
};

/// Of vectors whose notes are the updates that led to them, the newest. Nothing where none is newer than `own` updates.
std::optional<Takeover> newest_of(const std::vector<Message>& vectors, std::uint64_t own);

/// Goes on from there, as if this worker had drawn its batches all the time. The optimizer's moments begin anew with
/// parameters of others.
void take_over(Takeover from, std::size_t workers, Learner& learner, OptimizerState& state, ProgressReport& report);

}  // namespace descent
