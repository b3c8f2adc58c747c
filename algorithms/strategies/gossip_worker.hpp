#pragma once

#include "algorithms/graphs/graph.hpp"
#include "algorithms/strategies/neighbourhood.hpp"
#include "algorithms/strategies/strategy.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace descent {

/// One worker of a synchronous decentralized algorithm: in each round a step, and a mean with its neighbours.
class GossipWorker {
 public:
  /// The graph must outlive it.
  GossipWorker(const Graph& graph, Communicator& communicator, Learner& learner, std::unique_ptr<Neighbourhood> near);
  /// All in lockstep. `farthest`: see LockstepNeighbourhood.
  GossipWorker(const Graph& graph, Communicator& communicator, Learner& learner, std::size_t farthest);
  virtual ~GossipWorker() = default;
  GossipWorker(const GossipWorker&) = delete;
  GossipWorker& operator=(const GossipWorker&) = delete;

  void run(const Cast& cast);

 protected:
  virtual void round(std::uint64_t step) = 0;

  /// A step of the optimizer from `at`, along the gradient there.
  Snapshot stepped(const Snapshot& at, std::uint64_t step);
  /// `begun` + Σ w_ij vⱼ over this rank, whose vector is `mine`, and its neighbours, in the order of ranks. This rank
  /// has the weight of those whose vectors are missing, too.
  Snapshot mixed(const Snapshot& mine, const std::vector<Message>& theirs, std::vector<WeightedVector> begun = {});

  Communicator& communicator_;
  Learner& learner_;
  int rank_;
  std::vector<int> peers_;
  std::vector<Mixing> weights_;
  std::unique_ptr<Neighbourhood> near_;
  OptimizerState state_;
};

}  // namespace descent
