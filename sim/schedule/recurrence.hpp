#pragma once

#include "sim/schedule/schedule_timing.hpp"

namespace descent {

/// Ends by the max-plus recurrence (Baccelli et al. 1992): a transfer takes its route's own time, so with t(i) the
/// moment at which rank i enters a round, f(i) = max(t(i), t(to(i))) + cost(i) and then t(i) = max(f(i), f(from(i))).
/// `bytes`: of each chunk.
Passage play_recurrence(const CollectivePlan& plan, std::span<const Exchange> exchanges, std::span<const double> bytes,
                        const Interconnect& interconnect, std::span<const double> arrivals);

}  // namespace descent
