#include "algorithms/strategies/stale_gradient.hpp"

#include <cmath>
#include <utility>

namespace descent {

Snapshot corrected(const Consistency& consistency, Snapshot gradient, std::uint64_t staleness, const Snapshot& read,
                   const Snapshot& now, Learner& learner) {
  const bool compensates = consistency.compensation > 0;
  const double flops = static_cast<double>(gradient.size()) * (compensates ? 6 : 1);
  const double weight = std::pow(1 + static_cast<double>(staleness), -consistency.scaling);
  if (gradient.is_placeholder()) {
    learner.compute(flops, {});
    return gradient;
  }
  learner.compute(flops, [&] {
    Buffer result = Buffer::from(std::move(gradient));
    with_real(result.precision(), [&](auto real) {
      using Real = decltype(real);
      auto g = result.as<Real>().array();
      if (compensates) {
        const auto moved = now.as<Real>().array() - read.as<Real>().array();
        g += static_cast<Real>(consistency.compensation) * g * g * moved;
      }
      g *= static_cast<Real>(weight);
    });
    gradient = std::move(result).freeze();
  });
  return gradient;
}

}  // namespace descent
