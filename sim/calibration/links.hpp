#pragma once

#include "sim/calibration/medians.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace descent {

/// Which rank is on which machine.
struct Hosts {
  explicit Hosts(const Measurements& measurements);

  std::size_t of(int rank) const { return of_rank[static_cast<std::size_t>(rank)]; }
  bool together(const Point& point) const { return of(point.from) == of(point.to); }

  /// In the order of their first ranks.
  std::vector<std::string> names;
  std::vector<int> ranks;
  std::vector<std::size_t> of_rank;
};

/// A star: each host's own way to the others, before what depends on the size of a message.
struct Links {
  /// Seconds, bytes/s, by host. Empty where all ranks are on one host.
  std::vector<double> latency;
  std::vector<double> up;
  std::vector<double> down;
  /// Bytes/s by host from, host to: what the pair gets.
  std::vector<std::vector<double>> rate;
  /// Within hosts of several ranks: the same for all of them.
  std::optional<double> own_latency;
  std::optional<double> own_bandwidth;

  double latency_between(std::size_t from, std::size_t to) const { return latency[from] + latency[to]; }
};

/// Of what was measured between each pair of ranks: the latency of small messages, the rate of the largest.
Links fit_links(const Hosts& hosts, const Medians& medians);

}  // namespace descent
