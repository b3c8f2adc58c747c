#pragma once

#include "algorithms/strategies/gossip_worker.hpp"

namespace descent {

/// xᵢ ← Σ w_ij xⱼ − η gᵢ, the gradient at the old xᵢ, computed while the xⱼ are on their way (Lian et al. 2017,
/// algorithm 1).
class DPsgd final : public GossipWorker {
 public:
  DPsgd(const Graph& graph, Communicator& communicator, Learner& learner)
      : GossipWorker(graph, communicator, learner, graph.eccentricity(0)) {}

 private:
  void round(std::uint64_t step) override;
};

}  // namespace descent
