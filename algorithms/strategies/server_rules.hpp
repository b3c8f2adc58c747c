#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace descent::rules {

/// How a federated server moves along g, the mean of what its clients moved back (Reddi et al. 2021, Adaptive federated
/// optimization, algorithm 2): m ← β₁m + (1 − β₁)g; v as below; x ← x − η m/(√v + τ), τ the adaptivity. v starts at τ².
enum class ServerMoment {
  /// v ← v + g²
  adagrad,
  /// v ← β₂v + (1 − β₂)g²
  adam,
  /// v ← v − (1 − β₂) g² sign(v − g²)
  yogi,
};

template <ServerMoment moment>
struct FederatedServer {
  static constexpr std::size_t slots = 2;
  double beta1 = 0.9;
  double beta2 = 0.99;
  double adaptivity = 1e-3;

  /// m: 3, v: 2 (adagrad), 4 (adam), 5 (yogi), x: root, sum, product, quotient, difference.
  double flops_per_parameter() const {
    return 8.0 + (moment == ServerMoment::adagrad ? 2 : moment == ServerMoment::adam ? 4 : 5);
  }

  template <class Real>
  auto step(double rate, std::uint64_t /*t*/) const {
    return [b1 = static_cast<Real>(beta1), b2 = static_cast<Real>(beta2), c1 = static_cast<Real>(1 - beta1),
            c2 = static_cast<Real>(1 - beta2), tau = static_cast<Real>(adaptivity),
            eta = static_cast<Real>(rate)](Real g, Real& x, Real& m, Real& v) {
      using std::sqrt;
      m = b1 * m + c1 * g;
      const Real square = g * g;
      if constexpr (moment == ServerMoment::adagrad) {
        v += square;
      } else if constexpr (moment == ServerMoment::adam) {
        v = b2 * v + c2 * square;
      } else {
        v -= v > square ? c2 * square : v < square ? -c2 * square : Real(0);
      }
      x -= eta * m / (sqrt(v) + tau);
    };
  }
};

}  // namespace descent::rules
