#pragma once

#include <cmath>
#include <span>

namespace descent {

/// x with `cut` ≥ 0 off its magnitude, down to zero (Donoho & Johnstone 1994). Two flops: difference and comparison.
template <class Real>
Real soft_threshold(Real x, Real cut) {
  using std::abs;
  using std::copysign;
  const Real left = abs(x) - cut;
  return left > Real(0) ? copysign(left, x) : Real(0);
}

/// λ₁‖x‖₁ + λ₂/2 ‖x‖²: its proximal operator at step η cuts ηλ₁ off every |xᵢ|, down to zero, and divides by 1 + ηλ₂.
struct Shrinkage {
  double l1 = 0;
  double l2 = 0;

  double flops_per_parameter() const { return (l1 > 0 ? 2 : 0) + (l2 > 0 ? 1 : 0); }

  template <class Real>
  void apply(std::span<Real> x, double step) const {
    const auto cut = static_cast<Real>(step * l1);
    const auto scale = static_cast<Real>(1 / (1 + step * l2));
    // Both branches are the same for all elements, and the compiler takes them out of the loop.
    for (Real& element : x) {
      if (l1 > 0) {
        element = soft_threshold(element, cut);
      }
      if (l2 > 0) {
        element *= scale;
      }
    }
  }
};

}  // namespace descent
