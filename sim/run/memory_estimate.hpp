#pragma once

#include "sim/run/prepare.hpp"

namespace descent {

/// Bytes that a simulation needs at least, beside the data, which are loaded when it is made.
struct MemoryEstimate {
  /// Of ranks: their stacks, and what simulates them.
  double ranks = 0;
  /// Of parameters, gradients and the optimizer's state: how many vectors there are at once, and all of them.
  double vector_count = 0;
  double vectors = 0;

  double total() const { return ranks + vectors; }
};
MemoryEstimate estimate_memory(const PreparedRun& run);

/// Throws InputError, with the estimate, where a simulation needs more memory than is available. For before it starts.
void refuse_beyond_memory(const PreparedRun& run);

}  // namespace descent
