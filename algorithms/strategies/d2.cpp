#include "algorithms/strategies/d2.hpp"

#include <utility>

namespace descent {

D2::D2(const Graph& graph, Communicator& communicator, Learner& learner)
    : GossipWorker(graph, communicator, learner, graph.eccentricity(0)) {
  for (Mixing& mixing : weights_) {
    mixing.weight = (mixing.rank == rank_ ? 1 + mixing.weight : mixing.weight) / 2;
  }
}

/// 2x − x' − u + u' with u = x − y: x + y − x' + (x' − y') is y + x − y'.
void D2::round(std::uint64_t step) {
  const Snapshot x = state_.parameters;
  const Snapshot y = stepped(x, step);
  const Snapshot moved = before_.empty() ? y : learner_.combine({{1, y}, {1, x}, {-1, std::exchange(before_, {})}});
  before_ = y;
  near_->send(peers_, moved);
  state_.parameters = mixed(moved, near_->receive(peers_));
}

}  // namespace descent
