#pragma once

#include "algorithms/comm/communicator.hpp"

namespace descent::conformance {

/// How what is to be added reaches who adds it.
enum class Delivery {
  /// In messages, on every backend: what is summed is what came, and it is counted.
  messages,
  /// As the world has it, which may form a sum at once.
  meetings,
};

/// Every collective of the catalogue, with parameters, in both precisions, for vectors of 0, 1, P−1 and P elements and
/// long ones (a million for the defaults): sums are exact and have the bits of the schedule's own order; halves have
/// the bits of the allreduce, and their parts make up the whole; pieces, flags and groups come where they belong;
/// rounds and bytes are those of the closed forms. Throws when not. Run by all ranks.
void check_collectives(Communicator& communicator, Delivery delivery);

}  // namespace descent::conformance
