#pragma once

#include "sim/validate/outcome.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// Of several measurements.
struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;

  bool overlaps(const Spread& other) const { return least <= other.most && other.least <= most; }
};
/// Of an even number of values the median is the mean of the two in the middle. Precondition: there are some.
Spread spread_of(std::vector<double> values);

/// A quantity of one scenario, or a distance between what was predicted and what was measured, which is all error.
struct Compared {
  std::string_view quantity;
  std::string_view unit;
  std::optional<Spread> measured = {};
  std::optional<double> predicted = {};
  /// (predicted − measured) / measured, of the median; or the distance.
  std::optional<double> error = {};
};

/// Whether the parameters at the end have the same bits.
enum class Digests {
  /// Nothing was computed.
  none,
  equal,
  /// As may be: who comes first makes a difference to the scenario.
  race,
  /// As must not be.
  different,
};

/// What was predicted and what was measured of one scenario.
struct Comparison {
  std::string scenario;
  /// Why there is no comparison; all else is empty then.
  std::string failure = {};
  std::string strategy = {};
  std::size_t ranks = 0;
  std::size_t hosts = 0;
  Digests digests = Digests::none;
  /// Those of `quantities`, in their order, and then the distances: `staleness_distance`, of the histograms (total
  /// variation: 0 alike, 1 nothing in common), the median over the repeats; `loss_difference`, the largest relative one
  /// at the same iteration of any repeat; `digest_difference`, the share of repeats whose parameters have other bits.
  std::vector<Compared> quantities = {};

  const Compared& at(std::string_view quantity) const;
};

/// Of one scenario: `measured` are the repeats, at least one.
Comparison compare(const std::string& scenario, const RunOutcome& predicted, std::span<const RunOutcome> measured);

/// Numbers of things by value.
using Histogram = std::map<std::uint64_t, std::uint64_t>;
/// ½ Σ |p(k) − q(k)| over two histograms, each scaled to 1. Nothing where one is empty.
std::optional<double> total_variation(const Histogram& one, const Histogram& other);
/// The largest |a − b| / |b| over the iterations that both have observed; infinite where one of them alone is finite.
/// Nothing where there is none.
std::optional<double> loss_difference(const RunOutcome& predicted, const RunOutcome& measured);

}  // namespace descent
