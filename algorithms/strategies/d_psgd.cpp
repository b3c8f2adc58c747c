#include "algorithms/strategies/d_psgd.hpp"

#include "algorithms/strategies/tolerant_neighbourhood.hpp"

#include <memory>
#include <utility>

namespace descent {
namespace {

std::unique_ptr<Neighbourhood> neighbourhood_of(const Graph& graph, const Recovery& recovery,
                                                Communicator& communicator, Learner& learner) {
  if (recovery.tolerates_losses()) {
    return std::make_unique<TolerantNeighbourhood>(graph.neighbours(communicator.rank()), recovery, communicator,
                                                   learner);
  }
  return std::make_unique<LockstepNeighbourhood>(communicator, learner, graph.eccentricity(0));
}

}  // namespace

DPsgd::DPsgd(const Graph& graph, const Recovery& recovery, Communicator& communicator, Learner& learner)
    : GossipWorker(graph, communicator, learner, neighbourhood_of(graph, recovery, communicator, learner)) {}

void DPsgd::round(std::uint64_t step) {
  near_->send(peers_, state_.parameters);
  const GradientUnderWay gradient = learner_.begin_gradient(state_.parameters);
  const std::vector<Message> theirs = near_->receive(peers_, gradient.task);
  communicator_.wait(gradient.task);
  state_.parameters = mixed(state_.parameters, theirs);
  state_ = learner_.update(std::move(state_), std::move(*gradient.result), step);
}

}  // namespace descent
