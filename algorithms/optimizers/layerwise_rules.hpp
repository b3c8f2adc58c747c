#pragma once

#include "algorithms/math/reduction.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace descent::rules {

/// Layer-wise update rules: how far a tensor (a layer's weights, its biases) goes depends on norms of the whole of it.
/// Each has what an elementwise rule has, but in place of `step` an `update` of one tensor of `size` parameters x by
/// `factor` times its gradient g, at learning rate η; its slots follow x.
/// A tensor whose norm or whose direction's norm is zero, such as biases that start at zero, takes the ratio 1: scaled
/// by its own norm it would never leave zero. (The authors' programs do so; the papers leave it open.)

/// Layer-wise adaptive rate scaling: with the local rate λ = c‖x‖ / (‖g‖ + β‖x‖), v ← μv + ηλ(g + βx); x ← x − v.
struct Lars {
  static constexpr std::size_t slots = 1;
  double momentum = 0.9;
  /// β.
  double weight_decay = 5e-4;
  /// c.
  double trust = 1e-3;

  /// Two norms: 4, v: 5, x: 1.
  double flops_per_parameter() const { return 10; }

  template <class Real>
  void update(double rate, std::uint64_t /*t*/, Real factor, std::size_t size, const Real* __restrict g,
              Real* __restrict x, Real* __restrict v) const {
    const auto x_norm = std::sqrt(static_cast<double>(squared_norm<Real>(size, [x](std::size_t i) { return x[i]; })));
    const auto g_norm =
        std::sqrt(static_cast<double>(squared_norm<Real>(size, [factor, g](std::size_t i) { return factor * g[i]; })));
    const double local = x_norm > 0 && g_norm > 0 ? trust * x_norm / (g_norm + weight_decay * x_norm) : 1;
    const auto keep = static_cast<Real>(momentum);
    const auto eta = static_cast<Real>(rate * local);
    const auto decay = static_cast<Real>(weight_decay);
    for (std::size_t i = 0; i < size; ++i) {
      v[i] = keep * v[i] + eta * (factor * g[i] + decay * x[i]);
      x[i] -= v[i];
    }
  }
};

/// Adam's direction with decoupled decay, r = m̂ / (√v̂ + ε) + λx, as long as x times η: x ← x − η ‖x‖/‖r‖ r.
struct Lamb {
  static constexpr std::size_t slots = 2;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-6;
  /// λ.
  double weight_decay = 0.01;

  /// m: 3, v: 4, r: 7, two norms: 4, x: 2. r is computed once for its norm and once for x, rather than kept.
  double flops_per_parameter() const { return 27; }

  template <class Real>
  void update(double rate, std::uint64_t t, Real factor, std::size_t size, const Real* __restrict g, Real* __restrict x,
              Real* __restrict m, Real* __restrict v) const {
    const auto updates = static_cast<double>(t);
    const auto b1 = static_cast<Real>(beta1);
    const auto b2 = static_cast<Real>(beta2);
    const auto c1 = static_cast<Real>(1 - beta1);
    const auto c2 = static_cast<Real>(1 - beta2);
    for (std::size_t i = 0; i < size; ++i) {
      const Real scaled = factor * g[i];
      m[i] = b1 * m[i] + c1 * scaled;
      v[i] = b2 * v[i] + c2 * (scaled * scaled);
    }
    const auto direction = [correction = static_cast<Real>(1 / (1 - std::pow(beta1, updates))),
                            root_scale = static_cast<Real>(1 / std::sqrt(1 - std::pow(beta2, updates))),
                            eps = static_cast<Real>(epsilon),
                            decay = static_cast<Real>(weight_decay)](Real at, Real mean, Real square) {
      using std::sqrt;
      return correction * mean / (sqrt(square) * root_scale + eps) + decay * at;
    };
    const auto x_norm = std::sqrt(static_cast<double>(squared_norm<Real>(size, [x](std::size_t i) { return x[i]; })));
    const auto r_norm = std::sqrt(static_cast<double>(
        squared_norm<Real>(size, [direction, x, m, v](std::size_t i) { return direction(x[i], m[i], v[i]); })));
    const auto eta = static_cast<Real>(x_norm > 0 && r_norm > 0 ? rate * x_norm / r_norm : rate);
    for (std::size_t i = 0; i < size; ++i) {
      x[i] -= eta * direction(x[i], m[i], v[i]);
    }
  }
};

}  // namespace descent::rules
