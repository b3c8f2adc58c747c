#pragma once

#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace descent {

/// The random slowdowns of one rank: a training step takes this multiple of its time. Drawn by (seed, rank,
/// step), so neither the backend nor the order of steps nor other ranks change what is drawn.
class Slowdown {
 public:
  /// `settings`: those whose hosts include this rank's, in the scenario's order.
  /// Throws InputError when a distribution is not one of those that are known.
  Slowdown(std::vector<SlowdownSettings> settings, std::uint64_t seed, int rank);

  /// The product of one draw of each: exponential of mean m, or log-normal of mean m, that is with
  /// mu = ln(m) − sigma²/2. 1 for work that is no training step.
  double operator()(const std::optional<std::uint64_t>& step) const;

 private:
  std::vector<SlowdownSettings> settings_;
  std::uint64_t seed_;
  std::uint64_t rank_;
};

}  // namespace descent
