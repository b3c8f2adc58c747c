#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace descent {

/// What one receives at least and at most.
struct Bounds {
  std::size_t least = 0;
  std::size_t most = 0;
};

/// `total` whole units divided in proportion to `weights` (above 0, finite), each within its bounds, as those allow:
/// λ · weight, clamped, for the λ that uses up the total, rounded by largest remainders (Hamilton's method; of equal
/// ones the first). A function of its arguments to the bit. Precondition: Σ least ≤ total ≤ Σ most.
std::vector<std::size_t> apportion(std::size_t total, std::span<const double> weights, std::span<const Bounds> bounds);

}  // namespace descent
