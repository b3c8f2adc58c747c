#pragma once

#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

namespace descent {

/// A link that a message shares with others, and how much of each of its bytes the link carries: 1 on its way, 0.05
/// where its acknowledgements come back.
struct LinkUse {
  int link;
  double share;
};

/// What a message from one rank to another meets, in the terms of SimGrid's CM02 family of models.
struct Route {
  /// Links that have a capacity for all who use them together.
  std::vector<LinkUse> uses;
  /// In seconds, before the model's factor. Paid before the first byte moves.
  double latency = 0;
  /// Bytes per second, before the model's factor, that one message gets at most.
  double rate = std::numeric_limits<double>::infinity();
  /// Messages that share a link get rates in inverse proportion to this.
  double penalty = 1;
};

/// The network between the ranks of a run. Its links do not change.
class Interconnect {
 public:
  virtual ~Interconnect() = default;

  virtual Route route(int from, int to) = 0;
  /// Of a link that a route has named, in bytes per second.
  virtual double capacity(int link) const = 0;
  /// What the model multiplies latencies and rates by for a message of so many bytes.
  virtual double latency_factor(double bytes) const = 0;
  virtual double rate_factor(double bytes) const = 0;
};

/// The routes of an interconnect, each asked for once.
class Routes {
 public:
  explicit Routes(Interconnect& interconnect) : interconnect_(interconnect) {}

  /// Stays where it is.
  const Route& between(int from, int to) {
    const std::uint64_t pair = std::uint64_t{static_cast<std::uint32_t>(from)} << 32U | static_cast<std::uint32_t>(to);
    const auto known = known_.find(pair);
    return known != known_.end() ? known->second : known_.emplace(pair, interconnect_.route(from, to)).first->second;
  }
  const Interconnect& interconnect() const { return interconnect_; }

 private:
  Interconnect& interconnect_;
  /// Looked up only, so its order reaches nobody.
  std::unordered_map<std::uint64_t, Route> known_;
};

}  // namespace descent
