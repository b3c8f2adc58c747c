#pragma once

#include <limits>
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

/// The network between the ranks of a run. Its links do not change while a collective is under way.
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

}  // namespace descent
