#include "algorithms/strategies/pairwise_gossip.hpp"

#include "algorithms/strategies/pairwise_worker.hpp"

namespace descent {

void PairwiseGossip::run(Communicator& communicator, Learner& learner) const {
  PairwiseWorker(graph_, recovery_, communicator, learner).run();
}

}  // namespace descent
