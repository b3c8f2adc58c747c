#include "algorithms/strategies/gradient_push.hpp"

#include <bit>
#include <utility>

namespace descent {
namespace {

/// Distances 1, 2, 4, … below the number of ranks.
std::uint64_t distances(int ranks) {
  return static_cast<std::uint64_t>(std::bit_width(static_cast<unsigned>(ranks - 1)));
}

}  // namespace

/// Sending in turn, all have heard after as many rounds as there are distances.
StochasticGradientPush::StochasticGradientPush(const Graph& graph, Sending sending, Communicator& communicator,
                                               Learner& learner)
    : GossipWorker(graph, communicator, learner,
                   sending == Sending::in_turn ? distances(graph.ranks()) : graph.eccentricity(0)),
      graph_(graph),
      in_turn_(sending == Sending::in_turn),
      x_(state_.parameters) {}

void StochasticGradientPush::round(std::uint64_t step) {
  // η times the gradient at x/w is taken from x.
  const Snapshot at = state_.parameters;
  Snapshot gradient = learner_.gradient(at);
  state_.parameters = std::move(x_);
  state_ = learner_.update(std::move(state_), std::move(gradient), step);
  x_ = std::move(state_.parameters);

  const std::vector<int> to = in_turn_ ? one_hop(step, 1) : peers_;
  const std::vector<int> from = in_turn_ ? one_hop(step, -1) : peers_;
  near_->send(to, x_, weight_);
  const std::vector<Message> theirs = near_->receive(from);
  const double kept = 1.0 / (1 + static_cast<double>(to.size()));
  std::vector<WeightedVector> terms{{kept, x_}};
  double weight = kept * weight_;
  for (const Message& message : theirs) {
    const double part = in_turn_ ? 0.5 : 1.0 / (1 + static_cast<double>(graph_.degree(message.source)));
    terms.push_back({part, message.payload});
    weight += part * message.scalar;
  }
  weight_ = weight;
  x_ = learner_.combine(std::move(terms));
  state_.parameters = weight_ == 1 ? x_ : learner_.combine({{1 / weight_, x_}});
}

std::vector<int> StochasticGradientPush::one_hop(std::uint64_t step, int direction) const {
  const int ranks = graph_.ranks();
  if (ranks == 1) {
    return {};
  }
  const int distance = 1 << (step % distances(ranks));
  return {((rank_ + direction * distance) % ranks + ranks) % ranks};
}

}  // namespace descent
