#include "algorithms/strategies/gossip_worker.hpp"

#include "algorithms/strategies/progress_report.hpp"

#include <utility>

namespace descent {

GossipWorker::GossipWorker(const Graph& graph, Communicator& communicator, Learner& learner, std::size_t farthest)
    : communicator_(communicator),
      learner_(learner),
      rank_(communicator.rank()),
      peers_(graph.neighbours(rank_)),
      weights_(metropolis_weights(graph, rank_)),
      near_(communicator, learner, farthest),
      state_(learner.initial_state(learner.initial_parameters())) {}

void GossipWorker::run(const Cast& cast) {
  ProgressReport report(communicator_, Share{0, rank_, cast.workers});
  report.initial(state_.parameters);
  while (!near_.over(report.progress())) {
    round(report.iterations());
    report.updated(state_.parameters, learner_.batch() * static_cast<std::size_t>(cast.workers));
  }
  report.finished(state_.parameters);
}

Snapshot GossipWorker::stepped(const Snapshot& at, std::uint64_t step) {
  state_.parameters = at;
  state_ = learner_.local_step(std::move(state_), step);
  return state_.parameters;
}

Snapshot GossipWorker::mixed(const Snapshot& mine, const std::vector<Message>& theirs,
                             std::vector<WeightedVector> begun) {
  std::vector<WeightedVector> terms = std::move(begun);
  auto next = theirs.begin();
  for (const Mixing& mixing : weights_) {
    terms.push_back({mixing.weight, mixing.rank == rank_ ? mine : (next++)->payload});
  }
  return learner_.combine(std::move(terms));
}

}  // namespace descent
