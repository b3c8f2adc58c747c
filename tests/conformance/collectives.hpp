#pragma once

#include "algorithms/comm/communicator.hpp"

namespace descent::conformance {

/// Every collective of the catalogue, for vectors of 0, 1, P−1, P and 100,003 elements in both precisions: the sum is
/// exact, the same bits on all ranks, and rounds, messages and bytes are those of the catalogue. Throws when not. Run
/// by all ranks.
void check_collectives(Communicator& communicator);

}  // namespace descent::conformance
