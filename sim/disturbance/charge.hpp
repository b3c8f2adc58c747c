#pragma once

#include "algorithms/comm/work.hpp"

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

/// What a host is charged whose kernels' rates are not known: the flops at its speed; nothing for reductions.
inline Charge charge_at_speed(const Work& work) {
  return work.kind == WorkKind::reduction ? 0 : 1;
}

/// Of each computation of a rank.
using Charges = std::function<Charge(const Work& work)>;

}  // namespace descent
