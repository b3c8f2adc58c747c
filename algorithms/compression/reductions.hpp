#pragma once

#include <cmath>
#include <cstddef>

namespace descent {

/// Σ f(i) over i < size in double precision. The order depends on the size alone, neither on alignment nor on the
/// processor, and lets the compiler use vector instructions.
template <class F>
double ordered_sum(std::size_t size, const F& f) {
  constexpr std::size_t kLanes = 16;
  double lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] += f(i + lane);
    }
  }
  double sum = 0;
  for (const double lane : lanes) {
    sum += lane;
  }
  for (; i < size; ++i) {
    sum += f(i);
  }
  return sum;
}

template <class Real>
double squared_norm(const Real* x, std::size_t size) {
  return ordered_sum(size, [x](std::size_t i) { return static_cast<double>(x[i]) * static_cast<double>(x[i]); });
}

}  // namespace descent
