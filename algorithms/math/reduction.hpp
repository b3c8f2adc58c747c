#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

namespace descent {

/// What elements of type Real are summed in: double, whatever their precision. (A number type that is not built in is
/// summed in itself: one that counts operations counts here.)
template <class Real>
using Sum = std::conditional_t<std::is_floating_point_v<Real>, double, Real>;

/// The sum of term(0), …, term(size − 1). The order of the additions is fixed (16 interleaved partial sums, then these
/// in turn), so that the bits depend neither on vector instructions nor on threads.
template <class Real, class Term>
Sum<Real> fixed_sum(std::size_t size, const Term& term) {
  constexpr std::size_t kLanes = 16;
  constexpr std::size_t kBlock = 16 * kLanes;
  std::array<Sum<Real>, kLanes> sums{};
  // Terms are written down before they are added, block by block: two loops that the compiler makes vector instructions
  // of.
  std::array<Sum<Real>, kBlock> terms;
  std::size_t done = 0;
  for (; done + kBlock <= size; done += kBlock) {
    for (std::size_t i = 0; i < kBlock; ++i) {
      terms[i] = term(done + i);
    }
    for (std::size_t i = 0; i < kBlock; i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        sums[lane] += terms[i + lane];
      }
    }
  }
  for (std::size_t i = done; i < size; ++i) {
    sums[i % kLanes] += term(i);
  }
  Sum<Real> sum = 0;
  for (const Sum<Real>& lane : sums) {
    sum += lane;
  }
  return sum;
}

/// The sum of element(i)² in double: see fixed_sum.
template <class Real, class Element>
Sum<Real> squared_norm(std::size_t size, const Element& element) {
  return fixed_sum<Real>(size, [&element](std::size_t i) {
    const Sum<Real> value = element(i);
    return value * value;
  });
}

}  // namespace descent
