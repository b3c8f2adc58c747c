#pragma once

#include "algorithms/strategies/gossip_worker.hpp"

namespace descent {

/// xᵢ ← Σ w_ij xⱼ − η gᵢ, the gradient at the old xᵢ, computed while the xⱼ are on their way (Lian et al. 2017,
/// algorithm 1). The weight of a neighbour that is lost goes to the worker itself: rows of W still add up to 1, and
/// where both drop each other W stays symmetric, so that the mean of those who are there is kept.
class DPsgd final : public GossipWorker {
 public:
  DPsgd(const Graph& graph, const Recovery& recovery, Communicator& communicator, Learner& learner);

 private:
  void round(std::uint64_t step) override;
};

}  // namespace descent
