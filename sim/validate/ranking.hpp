#pragma once

#include "sim/validate/comparison.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace descent {

/// Kendall's tau-b of two lists of equal length: (C − D) / √((n₀ − n₁)(n₀ − n₂)), where C and D are the pairs in the
/// same and in the opposite order, n₀ = n(n − 1)/2, and n₁ and n₂ are the pairs that are tied in one of the lists
/// (Kendall 1945, The treatment of ties in ranking problems). 1: the same order; −1: the opposite one. Nothing where a
/// list has one value only.
std::optional<double> kendall_tau(std::span<const double> one, std::span<const double> other);

/// Two scenarios of which the prediction takes the wrong one for the faster.
struct Swap {
  /// The faster one as measured.
  std::string faster;
  std::string slower;
  /// The repeats of one meet those of the other: measuring again might swap them too.
  bool overlap = false;
};

/// Scenarios ranked by their time to target.
struct Ranking {
  /// Scenarios that have a predicted and a measured one.
  std::size_t scenarios = 0;
  std::optional<double> tau;
  /// Pairs that the measurement tells apart, because the repeats of one do not meet those of the other; and the share
  /// of them that is predicted in the measured order less the share in the opposite one. Nothing without such pairs.
  std::size_t told_apart = 0;
  std::optional<double> tau_of_told_apart;
  std::vector<Swap> swaps;
};
Ranking rank_by_time_to_target(std::span<const Comparison> comparisons);

}  // namespace descent
