#include "algorithms/strategies/gossip.hpp"

#include "algorithms/graphs/graph.hpp"
#include "algorithms/strategies/neighbourhood.hpp"
#include "algorithms/strategies/pairwise_gossip.hpp"

#include <bit>
#include <utility>
#include <vector>

namespace descent {
namespace {

/// One worker of a synchronous decentralized algorithm: in each round a step, and a mean with its neighbours.
class Worker {
 public:
  Worker(const Graph& graph, Communicator& communicator, Learner& learner, std::size_t farthest)
      : communicator_(communicator),
        learner_(learner),
        rank_(communicator.rank()),
        peers_(graph.neighbours(rank_)),
        weights_(metropolis_weights(graph, rank_)),
        near_(communicator, learner, farthest),
        state_(learner.initial_state(learner.initial_parameters())) {}
  virtual ~Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void run(const Cast& cast) {
    const Share share{0, rank_, cast.workers};
    Observer& observer = communicator_.observer();
    observer.initial(share, state_.parameters, communicator_.now());
    Progress progress;
    while (!near_.over(progress)) {
      round(progress.iterations);
      progress.count(learner_.batch() * static_cast<std::size_t>(cast.workers));
      observer.updated({progress.iterations, progress.iterations * learner_.batch(), {0}, share, state_.parameters},
                       communicator_.now());
    }
    observer.finished(share, state_.parameters, communicator_.now());
  }

 protected:
  virtual void round(std::uint64_t step) = 0;

  /// A step of the optimizer from `at`, along the gradient there.
  Snapshot stepped(const Snapshot& at, std::uint64_t step) {
    state_.parameters = at;
    state_ = learner_.local_step(std::move(state_), step);
    return state_.parameters;
  }
  /// Σ w_ij vⱼ over this rank, whose vector is `mine`, and its neighbours, in the order of ranks.
  Snapshot mixed(const Snapshot& mine, const std::vector<Message>& theirs) {
    std::vector<WeightedVector> terms;
    auto next = theirs.begin();
    for (const Mixing& mixing : weights_) {
      terms.push_back({mixing.weight, mixing.rank == rank_ ? mine : (next++)->payload});
    }
    return learner_.combine(std::move(terms));
  }

  Communicator& communicator_;
  Learner& learner_;
  int rank_;
  std::vector<int> peers_;
  std::vector<Mixing> weights_;
  Neighbourhood near_;
  OptimizerState state_;
};

/// xᵢ ← Σ w_ij xⱼ − η gᵢ, the gradient at the old xᵢ, computed while the xⱼ are on their way (Lian et al. 2017,
/// algorithm 1).
class DPsgd final : public Worker {
 public:
  using Worker::Worker;

 private:
  void round(std::uint64_t step) override {
    near_.send(peers_, state_.parameters);
    Snapshot gradient = learner_.gradient(state_.parameters);
    state_.parameters = mixed(state_.parameters, near_.receive(peers_));
    state_ = learner_.update(std::move(state_), std::move(gradient), step);
  }
};

/// xᵢ ← Σ w_ij (2xⱼ − xⱼ' − uⱼ + uⱼ'), u the step along the gradient and ' the round before: what differs between the
/// workers' data cancels (Tang et al. 2018, D², algorithm 1). W must have no eigenvalue at or below −1/3, so it is
/// (I + W)/2 for the Metropolis weights W.
class D2 final : public Worker {
 public:
  D2(const Graph& graph, Communicator& communicator, Learner& learner, std::size_t farthest)
      : Worker(graph, communicator, learner, farthest) {
    for (Mixing& mixing : weights_) {
      mixing.weight = (mixing.rank == rank_ ? 1 + mixing.weight : mixing.weight) / 2;
    }
  }

 private:
  /// 2x − x' − u + u' with u = x − y: x + y − x' + (x' − y') is y + x − y'.
  void round(std::uint64_t step) override {
    const Snapshot x = state_.parameters;
    const Snapshot y = stepped(x, step);
    const Snapshot moved = before_.empty() ? y : learner_.combine({{1, y}, {1, x}, {-1, std::exchange(before_, {})}});
    before_ = y;
    near_.send(peers_, moved);
    state_.parameters = mixed(moved, near_.receive(peers_));
  }

  /// y of the round before.
  Snapshot before_;
};

/// Push-sum: each worker has x and a weight w, takes the gradient at x/w, and divides both among itself and those that
/// it sends to (Assran et al. 2019, SGP, algorithm 1). On the exponential graph it sends to one rank at a time, at
/// distance 1, 2, 4, … in turn (their section 3); elsewhere to all neighbours.
class StochasticGradientPush final : public Worker {
 public:
  StochasticGradientPush(const Graph& graph, bool in_turn, Communicator& communicator, Learner& learner,
                         std::size_t farthest)
      : Worker(graph, communicator, learner, farthest), graph_(graph), in_turn_(in_turn), x_(state_.parameters) {}

 private:
  void round(std::uint64_t step) override {
    // η times the gradient at x/w is taken from x.
    const Snapshot at = state_.parameters;
    Snapshot gradient = learner_.gradient(at);
    state_.parameters = std::move(x_);
    state_ = learner_.update(std::move(state_), std::move(gradient), step);
    x_ = std::move(state_.parameters);

    const std::vector<int> to = in_turn_ ? one_hop(step, 1) : peers_;
    const std::vector<int> from = in_turn_ ? one_hop(step, -1) : peers_;
    near_.send(to, x_, weight_);
    const std::vector<Message> theirs = near_.receive(from);
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

  std::vector<int> one_hop(std::uint64_t step, int direction) const {
    const int ranks = graph_.ranks();
    if (ranks == 1) {
      return {};
    }
    const auto hops = static_cast<std::uint64_t>(std::bit_width(static_cast<unsigned>(ranks - 1)));
    const int distance = 1 << (step % hops);
    return {((rank_ + direction * distance) % ranks + ranks) % ranks};
  }

  const Graph& graph_;
  bool in_turn_;
  Snapshot x_;
  double weight_ = 1;
};

class Gossip final : public Strategy {
 public:
  explicit Gossip(const StrategyParts& parts)
      : cast_(parts.cast),
        algorithm_(parts.settings.text("algorithm")),
        in_turn_(parts.settings.text("graph") == "exponential"),
        graph_(make_graph(parts.settings, parts.cast.workers, parts.seed)) {}

  void run(Communicator& communicator, Learner& learner) const override {
    const std::size_t farthest = graph_.eccentricity(0);
    if (algorithm_ == "d-psgd") {
      DPsgd(graph_, communicator, learner, farthest).run(cast_);
    } else if (algorithm_ == "d2") {
      D2(graph_, communicator, learner, farthest).run(cast_);
    } else {
      // Sending in turn, all have heard after as many rounds as there are distances.
      const auto turns = static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(cast_.workers - 1)));
      StochasticGradientPush(graph_, in_turn_, communicator, learner, in_turn_ ? turns : farthest).run(cast_);
    }
  }

  /// Each worker has parameters of its own, a gradient, and what it mixes.
  double vectors(std::size_t slots) const override { return cast_.workers * (3 + static_cast<double>(slots)); }

 private:
  Cast cast_;
  std::string algorithm_;
  bool in_turn_;
  Graph graph_;
};

std::unique_ptr<Strategy> make(const StrategyParts& parts) {
  if (parts.settings.text("algorithm") == "ad-psgd") {
    return std::make_unique<PairwiseGossip>(parts.cast, make_graph(parts.settings, parts.cast.workers, parts.seed));
  }
  return std::make_unique<Gossip>(parts);
}

std::vector<Parameter> parameters() {
  std::vector<Parameter> all{
      {.name = "algorithm",
       .type = ParameterType::choice,
       .fallback = std::nullopt,
       .meaning = "d-psgd: x_i <- sum_j w_ij x_j - eta g_i (Lian et al. 2017); ad-psgd: a step, then the mean with one "
                  "neighbour at random, nobody waits (Lian et al. 2018); sgp: push-sum (Assran et al. 2019); d2: "
                  "cancels what differs between the workers' data (Tang et al. 2018)",
       .choices = {"d-psgd", "ad-psgd", "sgp", "d2"}}};
  for (Parameter& parameter : graph_parameters()) {
    all.push_back(std::move(parameter));
  }
  return all;
}

}  // namespace

StrategyRow gossip_row() {
  return {
      .entry = {"gossip",
                "decentralized: no server and no collective, every worker averages with its neighbours in a graph, "
                "with Metropolis weights",
                "Lian et al. 2017, Can decentralized algorithms outperform centralized algorithms?", parameters()},
      .make = make,
      .faults =
          [](const Settings& settings, const Cast* cast) {
            return graph_faults(settings, cast != nullptr ? std::optional(cast->workers) : std::nullopt);
          },
      .composite_needs = [](const Settings& settings) -> std::string {
        return settings.text("algorithm") == "d-psgd" ? "" : "algorithm=\"d-psgd\"";
      },
  };
}

}  // namespace descent
