#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace descent::rules {

/// Elementwise update rules. Each has the number of its slots, its flops per parameter (convention: model.hpp; what is
/// done once per update is not counted), and `step(rate, t)`: the rule of update t = 1, 2, … as a function of one
/// gradient element g, parameter x and slot elements, at learning rate η. Only + − * / and square root, which round
/// alike in scalar and vector instructions, so that a part of a vector is updated to the same bits as the whole.

/// x ← x − η (g + λx), λ the weight decay.
struct Sgd {
  static constexpr std::size_t slots = 0;
  double weight_decay = 0;

  double flops_per_parameter() const { return weight_decay > 0 ? 4 : 2; }

  template <class Real>
  auto step(double rate, std::uint64_t /*t*/) const {
    // The branch is the same for all elements, and the compiler takes it out of the loop.
    return [eta = static_cast<Real>(rate), decay = static_cast<Real>(weight_decay), decays = weight_decay > 0](
               Real g, Real& x) { x -= eta * (decays ? g + decay * x : g); };
  }
};

/// Heavy ball: v ← μv + g; x ← x − ηv.
struct Momentum {
  static constexpr std::size_t slots = 1;
  double momentum = 0.9;

  double flops_per_parameter() const { return 4; }

  template <class Real>
  auto step(double rate, std::uint64_t /*t*/) const {
    return [eta = static_cast<Real>(rate), mu = static_cast<Real>(momentum)](Real g, Real& x, Real& v) {
      v = mu * v + g;
      x -= eta * v;
    };
  }
};

/// v ← μv + g; x ← x − η (g + μv): x is the point that the gradient is taken at, which is ahead of the iterate by
/// the momentum.
struct Nesterov {
  static constexpr std::size_t slots = 1;
  double momentum = 0.9;

  double flops_per_parameter() const { return 6; }

  template <class Real>
  auto step(double rate, std::uint64_t /*t*/) const {
    return [eta = static_cast<Real>(rate), mu = static_cast<Real>(momentum)](Real g, Real& x, Real& v) {
      v = mu * v + g;
      x -= eta * (g + mu * v);
    };
  }
};

/// h ← h + g²; x ← x − η g / (√h + ε).
struct Adagrad {
  static constexpr std::size_t slots = 1;
  double epsilon = 1e-10;

  /// h: 2, x: root, sum, product, quotient, difference.
  double flops_per_parameter() const { return 7; }

  template <class Real>
  auto step(double rate, std::uint64_t /*t*/) const {
    return [eta = static_cast<Real>(rate), eps = static_cast<Real>(epsilon)](Real g, Real& x, Real& h) {
      using std::sqrt;
      h += g * g;
      x -= eta * g / (sqrt(h) + eps);
    };
  }
};

/// v ← ρv + (1 − ρ)g²; x ← x − η g / (√v + ε).
struct RmsProp {
  static constexpr std::size_t slots = 1;
  double rho = 0.9;
  double epsilon = 1e-8;

  /// v: 4, x: root, sum, product, quotient, difference.
  double flops_per_parameter() const { return 9; }

  template <class Real>
  auto step(double rate, std::uint64_t /*t*/) const {
    return [keep = static_cast<Real>(rho), take = static_cast<Real>(1 - rho), eta = static_cast<Real>(rate),
            eps = static_cast<Real>(epsilon)](Real g, Real& x, Real& v) {
      using std::sqrt;
      v = keep * v + take * (g * g);
      x -= eta * g / (sqrt(v) + eps);
    };
  }
};

/// m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; x ← x − η m̂ / (√v̂ + ε) with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).
struct Adam {
  static constexpr std::size_t slots = 2;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;

  /// m: 3, v: 4, x: root, scale, sum, product, quotient, difference.
  double flops_per_parameter() const { return 13; }

  template <class Real>
  auto step(double rate, std::uint64_t t) const {
    // Both corrections depend on t alone: √v̂ = √v · root_scale and η m̂ = eta · m.
    const auto updates = static_cast<double>(t);
    const double root_scale = 1 / std::sqrt(1 - std::pow(beta2, updates));
    const double corrected_rate = rate / (1 - std::pow(beta1, updates));
    return
        [b1 = static_cast<Real>(beta1), b2 = static_cast<Real>(beta2), c1 = static_cast<Real>(1 - beta1),
         c2 = static_cast<Real>(1 - beta2), eps = static_cast<Real>(epsilon), eta = static_cast<Real>(corrected_rate),
         scale = static_cast<Real>(root_scale)](Real g, Real& x, Real& m, Real& v) {
          using std::sqrt;
          m = b1 * m + c1 * g;
          v = b2 * v + c2 * (g * g);
          x -= eta * m / (sqrt(v) * scale + eps);
        };
  }
};

/// Adam, and beside it x ← x − ηλx: the decay does not go through the moments.
struct AdamW {
  static constexpr std::size_t slots = 2;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;

  /// m: 3, v: 4, x: root, scale, sum, product, quotient, decay, sum, difference.
  double flops_per_parameter() const { return 15; }

  template <class Real>
  auto step(double rate, std::uint64_t t) const {
    const auto updates = static_cast<double>(t);
    const double root_scale = 1 / std::sqrt(1 - std::pow(beta2, updates));
    const double corrected_rate = rate / (1 - std::pow(beta1, updates));
    return [b1 = static_cast<Real>(beta1), b2 = static_cast<Real>(beta2), c1 = static_cast<Real>(1 - beta1),
            c2 = static_cast<Real>(1 - beta2), eps = static_cast<Real>(epsilon),
            eta = static_cast<Real>(corrected_rate), scale = static_cast<Real>(root_scale),
            decay = static_cast<Real>(rate * weight_decay)](Real g, Real& x, Real& m, Real& v) {
      using std::sqrt;
      m = b1 * m + c1 * g;
      v = b2 * v + c2 * (g * g);
      x -= eta * m / (sqrt(v) * scale + eps) + decay * x;
    };
  }
};

}  // namespace descent::rules
