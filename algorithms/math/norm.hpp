#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

namespace descent {

/// The sum of element(i)² for i = 0 … size − 1: in double, whatever the precision of the elements. The order of the
/// additions is fixed (16 interleaved partial sums, then these in turn), so that the bits depend neither on vector
/// instructions nor on threads. (A number type that is not built in is summed in itself: one that counts, counts here.)
template <class Real, class Element>
auto squared_norm(std::size_t size, const Element& element) {
  using Sum = std::conditional_t<std::is_floating_point_v<Real>, double, Real>;
  constexpr std::size_t kLanes = 16;
  std::array<Sum, kLanes> sums{};
  std::size_t done = 0;
  for (; done + kLanes <= size; done += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const Sum value = element(done + lane);
      sums[lane] += value * value;
    }
  }
  for (std::size_t i = done; i < size; ++i) {
    const Sum value = element(i);
    sums[i % kLanes] += value * value;
  }
  Sum sum = 0;
  for (const Sum& lane : sums) {
    sum += lane;
  }
  return sum;
}

}  // namespace descent
