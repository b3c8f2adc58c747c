#pragma once

#include "algorithms/strategies/gossip_worker.hpp"

namespace descent {

/// xᵢ ← Σ w_ij (2xⱼ − xⱼ' − uⱼ + uⱼ'), u the step along the gradient and ' the round before: what differs between the
/// workers' data cancels (Tang et al. 2018, D², algorithm 1). W must have no eigenvalue at or below −1/3, so it is
/// (I + W)/2 for the Metropolis weights W.
class D2 final : public GossipWorker {
 public:
  D2(const Graph& graph, Communicator& communicator, Learner& learner);

 private:
  void round(std::uint64_t step) override;

  /// y of the round before.
  Snapshot before_;
};

}  // namespace descent
