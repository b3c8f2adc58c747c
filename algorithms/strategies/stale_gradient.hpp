#pragma once

#include "algorithms/strategies/consistency.hpp"

#include <cstdint>

namespace descent {

/// What a gradient becomes that is `staleness` > 0 updates old, as the consistency says: it was computed at `read` and
/// is to be applied to `now`. All three are of the same elements; `read` may be absent where there is no compensation.
/// Takes the time of it.
Snapshot corrected(const Consistency& consistency, Snapshot gradient, std::uint64_t staleness, const Snapshot& read,
                   const Snapshot& now, Learner& learner);

}  // namespace descent
