#include "algorithms/strategies/gossip_worker.hpp"

#include "algorithms/strategies/progress_report.hpp"

#include <optional>
#include <utility>

namespace descent {

GossipWorker::GossipWorker(const Graph& graph, Communicator& communicator, Learner& learner,
                           std::unique_ptr<Neighbourhood> near)
    : communicator_(communicator),
      learner_(learner),
      rank_(communicator.rank()),
      peers_(graph.neighbours(rank_)),
      weights_(metropolis_weights(graph, rank_)),
      near_(std::move(near)),
      state_(learner.initial_state(learner.initial_parameters())) {}

GossipWorker::GossipWorker(const Graph& graph, Communicator& communicator, Learner& learner, std::size_t farthest)
    : GossipWorker(graph, communicator, learner,
                   std::make_unique<LockstepNeighbourhood>(communicator, learner, farthest)) {}

void GossipWorker::run(const Cast& cast) {
  const auto workers = static_cast<std::size_t>(cast.workers);
  ProgressReport report(communicator_, Share{0, rank_, cast.workers});
  if (communicator_.life() == 0) {
    report.initial(state_.parameters);
  }
  for (;;) {
    if (std::optional<Takeover> others = near_->takeover(report.progress())) {
      take_over(*std::move(others), workers, learner_, state_, report);
    }
    if (near_->over(report.progress())) {
      break;
    }
    round(report.iterations());
    report.updated(state_.parameters, learner_.batch() * workers);
  }
  near_->leave(state_.parameters);
  report.finished(state_.parameters);
}

Snapshot GossipWorker::stepped(const Snapshot& at, std::uint64_t step) {
  state_.parameters = at;
  state_ = learner_.local_step(std::move(state_), step);
  return state_.parameters;
}

Snapshot GossipWorker::mixed(const Snapshot& mine, const std::vector<Message>& theirs,
                             std::vector<WeightedVector> begun) {
  double own = 0;
  auto next = theirs.begin();
  for (const Mixing& mixing : weights_) {
    const bool missing = mixing.rank != rank_ && (next++)->payload.empty();
    own += mixing.rank == rank_ || missing ? mixing.weight : 0;
  }
  std::vector<WeightedVector> terms = std::move(begun);
  next = theirs.begin();
  for (const Mixing& mixing : weights_) {
    if (mixing.rank == rank_) {
      terms.push_back({own, mine});
    } else if (const Snapshot& vector = (next++)->payload; !vector.empty()) {
      terms.push_back({mixing.weight, vector});
    }
  }
  return learner_.combine(std::move(terms));
}

}  // namespace descent
