#pragma once

#include "algorithms/constraints/shrinkage.hpp"
#include "algorithms/math/reduction.hpp"

#include <cmath>
#include <cstddef>
#include <span>

namespace descent::sets {

/// Convex sets. Each has `project`, in place; where it is bounded `minimize`, which writes a point of least ⟨g, s⟩ to
/// s; and the flops per parameter of both (what is done once per vector is not counted). Sums in double, in fixed
/// order.

/// lower ≤ xᵢ ≤ upper.
struct Box {
  static constexpr bool coupled = false;
  double lower = 0;
  double upper = 0;

  double projection_flops() const { return 2; }
  double minimizer_flops() const { return 1; }

  template <class Real>
  void project(std::span<Real> x) const {
    const auto least = static_cast<Real>(lower);
    const auto most = static_cast<Real>(upper);
    for (Real& element : x) {
      element = element < least ? least : element;
      element = element > most ? most : element;
    }
  }

  template <class Real>
  void minimize(std::span<const Real> g, std::span<Real> s) const {
    for (std::size_t i = 0; i < g.size(); ++i) {
      s[i] = static_cast<Real>(g[i] > Real(0) ? lower : upper);
    }
  }
};

/// xᵢ ≥ 0.
struct NonNegative {
  static constexpr bool coupled = false;
  double projection_flops() const { return 1; }

  template <class Real>
  void project(std::span<Real> x) const {
    for (Real& element : x) {
      element = element < Real(0) ? Real(0) : element;
    }
  }
};

/// ‖x‖₂ ≤ radius.
struct L2Ball {
  static constexpr bool coupled = true;
  double radius = 0;

  /// Norm: 2; scaled.
  double projection_flops() const { return 3; }
  double minimizer_flops() const { return 3; }

  template <class Real>
  void project(std::span<Real> x) const {
    const double norm = norm_of<Real>(x);
    if (norm > radius) {
      const auto scale = static_cast<Real>(radius / norm);
      for (Real& element : x) {
        element *= scale;
      }
    }
  }

  /// −radius · g/‖g‖; the centre where g is zero.
  template <class Real>
  void minimize(std::span<const Real> g, std::span<Real> s) const {
    const double norm = norm_of<Real>(g);
    const auto scale = static_cast<Real>(norm > 0 ? -radius / norm : 0);
    for (std::size_t i = 0; i < g.size(); ++i) {
      s[i] = scale * g[i];
    }
  }

 private:
  template <class Real>
  static double norm_of(std::span<const Real> x) {
    return std::sqrt(static_cast<double>(squared_norm<Real>(x.size(), [x](std::size_t i) { return x[i]; })));
  }
};

/// Passes over the vector that `shift_to_sum` is charged for. For normal vectors of 100,000 elements it takes 4 to 13,
/// more the fewer elements remain.
inline constexpr double charged_passes = 9.5;

/// The θ at which Σ max(value(i) − θ, 0) = sum > 0, by Newton's method from below (Michelot 1986, A finite algorithm
/// for finding the projection of a point onto the canonical simplex): θ rises, elements drop out of the sum, and it
/// ends when none does. Precondition: size > 0.
template <class Real, class Value>
double shift_to_sum(std::size_t size, double sum, const Value& value) {
  double shift = (static_cast<double>(fixed_sum<Real>(size, value)) - sum) / static_cast<double>(size);
  for (double remained = static_cast<double>(size);;) {
    const Sum<Real> at = shift;
    const auto remain = static_cast<double>(
        fixed_sum<Real>(size, [&value, at](std::size_t i) { return value(i) > at ? Sum<Real>(1) : Sum<Real>(0); }));
    if (!(remain > 0 && remain < remained)) {
      return shift;
    }
    const auto above = static_cast<double>(fixed_sum<Real>(size, [&value, at](std::size_t i) {
      const Sum<Real> left = value(i) - at;
      return left > Sum<Real>(0) ? left : Sum<Real>(0);
    }));
    shift += (above - sum) / remain;
    remained = remain;
  }
}

/// ‖x‖₁ ≤ radius.
struct L1Ball {
  static constexpr bool coupled = true;
  double radius = 0;

  /// Norm: 1, first shift: 1, passes: 5 each, shrunk: 2.
  double projection_flops() const { return 4 + 5 * charged_passes; }
  double minimizer_flops() const { return 1; }

  /// Shrinks all elements by the same amount (Duchi et al. 2008, Efficient projections onto the l1-ball, section 4).
  template <class Real>
  void project(std::span<Real> x) const {
    const auto magnitude = [x](std::size_t i) {
      using std::abs;
      return Sum<Real>(abs(x[i]));
    };
    if (!(static_cast<double>(fixed_sum<Real>(x.size(), magnitude)) > radius)) {
      return;
    }
    // In double: what remains may be far smaller than what is cut off.
    const Sum<Real> shift = shift_to_sum<Real>(x.size(), radius, magnitude);
    for (Real& element : x) {
      element = static_cast<Real>(soft_threshold(Sum<Real>(element), shift));
    }
  }

  /// A vertex: −radius · sign(gᵢ) at the first i of largest |gᵢ|.
  template <class Real>
  void minimize(std::span<const Real> g, std::span<Real> s) const {
    std::size_t largest = 0;
    Real magnitude = 0;
    for (std::size_t i = 0; i < g.size(); ++i) {
      s[i] = Real(0);
      using std::abs;
      const Real here = abs(g[i]);
      if (here > magnitude) {
        largest = i;
        magnitude = here;
      }
    }
    if (!s.empty()) {
      s[largest] = static_cast<Real>(g[largest] > Real(0) ? -radius : radius);
    }
  }
};

/// xᵢ ≥ 0 and Σ xᵢ = sum.
struct Simplex {
  static constexpr bool coupled = true;
  double sum = 1;

  /// First shift: 1, passes: 5 each, shifted: 2.
  double projection_flops() const { return 3 + 5 * charged_passes; }
  double minimizer_flops() const { return 1; }

  /// Shifts all elements by the same amount and cuts off what is negative then (Duchi et al. 2008, section 3).
  template <class Real>
  void project(std::span<Real> x) const {
    if (x.empty()) {
      return;
    }
    const Sum<Real> shift = shift_to_sum<Real>(x.size(), sum, [x](std::size_t i) { return Sum<Real>(x[i]); });
    for (Real& element : x) {
      const Sum<Real> left = element - shift;
      element = left > Sum<Real>(0) ? static_cast<Real>(left) : Real(0);
    }
  }

  /// A vertex: sum at the first i of least gᵢ.
  template <class Real>
  void minimize(std::span<const Real> g, std::span<Real> s) const {
    std::size_t least = 0;
    for (std::size_t i = 0; i < g.size(); ++i) {
      s[i] = Real(0);
      least = g[i] < g[least] ? i : least;
    }
    if (!s.empty()) {
      s[least] = static_cast<Real>(sum);
    }
  }
};

}  // namespace descent::sets
