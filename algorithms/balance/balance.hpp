#pragma once

#include "algorithms/balance/division.hpp"

#include <cstdint>

namespace descent {

/// How a run divides its work over workers of different speed.
struct Balance {
  Balanced what = Balanced::batches;
  /// Updates between two divisions by measured speed; 0: there is none during the run.
  std::uint64_t every = 0;
  /// What the newest measurement weighs in a worker's exponential average (above 0, to 1).
  double smoothing = 1;

  bool adapts() const { return every > 0; }
  /// Whether the rounds after so many updates are to be divided anew.
  bool due(std::uint64_t updates) const { return adapts() && updates > 0 && updates % every == 0; }
  /// Whether shards may move then.
  bool moves_shards(std::uint64_t updates) const { return due(updates) && what == Balanced::shards; }
};

}  // namespace descent
