#pragma once

#include "algorithms/strategies/gossip_worker.hpp"

namespace descent {

/// Push-sum: each worker has x and a weight w, takes the gradient at x/w, and divides both among itself and those that
/// it sends to (Assran et al. 2019, SGP, algorithm 1). On the exponential graph it sends to one rank at a time, at
/// distance 1, 2, 4, … in turn (their section 3); elsewhere to all neighbours.
class StochasticGradientPush final : public GossipWorker {
 public:
  enum class Sending { to_all, in_turn };
  StochasticGradientPush(const Graph& graph, Sending sending, Communicator& communicator, Learner& learner);

 private:
  void round(std::uint64_t step) override;
  /// The rank that it sends to, or, backwards, that sends to it.
  std::vector<int> one_hop(std::uint64_t step, int direction) const;

  const Graph& graph_;
  bool in_turn_;
  Snapshot x_;
  double weight_ = 1;
};

}  // namespace descent
