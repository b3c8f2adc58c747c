#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace descent {

/// What a computation takes instead of the time of its flops at its host's speed.
struct Charge {
  /// A multiple of that time; a number alone is one.
  Charge(double multiple) : factor(multiple) {}

  double factor = 1;
  /// Or, of a training step, the seconds that all of it takes, whatever its flops and the host's speed.
  std::optional<double> seconds;
};

/// Of each computation of a rank: of a training step, counted by the rank, or (nothing) of other work.
using Charges = std::function<Charge(const std::optional<std::uint64_t>& step)>;

}  // namespace descent
