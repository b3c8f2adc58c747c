#include "algorithms/strategies/gossip.hpp"

#include "algorithms/graphs/graph.hpp"
#include "algorithms/strategies/choco_sgd.hpp"
#include "algorithms/strategies/gossip_worker.hpp"
#include "algorithms/strategies/gradient_push.hpp"
#include "algorithms/strategies/pairwise_gossip.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace descent {
namespace {

/// xᵢ ← Σ w_ij xⱼ − η gᵢ, the gradient at the old xᵢ, computed while the xⱼ are on their way (Lian et al. 2017,
/// algorithm 1).
class DPsgd final : public GossipWorker {
 public:
  DPsgd(const Graph& graph, Communicator& communicator, Learner& learner)
      : GossipWorker(graph, communicator, learner, graph.eccentricity(0)) {}

 private:
  void round(std::uint64_t step) override {
    near_.send(peers_, state_.parameters);
    const GradientUnderWay gradient = learner_.begin_gradient(state_.parameters);
    const std::vector<Message> theirs = near_.receive(peers_);
    communicator_.wait(gradient.task);
    state_.parameters = mixed(state_.parameters, theirs);
    state_ = learner_.update(std::move(state_), std::move(*gradient.result), step);
  }
};

/// xᵢ ← Σ w_ij (2xⱼ − xⱼ' − uⱼ + uⱼ'), u the step along the gradient and ' the round before: what differs between the
/// workers' data cancels (Tang et al. 2018, D², algorithm 1). W must have no eigenvalue at or below −1/3, so it is
/// (I + W)/2 for the Metropolis weights W.
class D2 final : public GossipWorker {
 public:
  D2(const Graph& graph, Communicator& communicator, Learner& learner)
      : GossipWorker(graph, communicator, learner, graph.eccentricity(0)) {
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

class Gossip final : public Strategy {
 public:
  explicit Gossip(const StrategyParts& parts)
      : cast_(parts.cast),
        settings_(parts.settings),
        compressor_(parts.compressor),
        graph_(make_graph(parts.settings, parts.cast.workers, parts.seed)) {}

  void run(Communicator& communicator, Learner& learner) const override {
    const std::string& algorithm = settings_.text("algorithm");
    if (algorithm == "d-psgd") {
      DPsgd(graph_, communicator, learner).run(cast_);
    } else if (algorithm == "d2") {
      D2(graph_, communicator, learner).run(cast_);
    } else if (algorithm == "choco-sgd") {
      ChocoSgd(graph_, settings_.real("consensus-step"), compressor_, communicator, learner).run(cast_);
    } else {
      const bool in_turn = settings_.text("graph") == "exponential";
      StochasticGradientPush(
          graph_, in_turn ? StochasticGradientPush::Sending::in_turn : StochasticGradientPush::Sending::to_all,
          communicator, learner)
          .run(cast_);
    }
  }

  /// Each worker has parameters of its own, a gradient, and what it mixes; of CHOCO-SGD, what is known besides.
  double vectors(std::size_t slots) const override {
    const double known = settings_.text("algorithm") == "choco-sgd" ? 3 + (compressor_ ? 1 : 0) : 0;
    return cast_.workers * (3 + known + static_cast<double>(slots));
  }

  std::vector<std::string> faults(const Problem& /*problem*/) const override {
    if (!compressor_) {
      return {};
    }
    if (settings_.text("algorithm") != "choco-sgd") {
      return {
          fmt::format("<compression>: algorithm=\"{}\" would average what compression leaves of parameters; allowed: "
                      "algorithm=\"choco-sgd\"",
                      settings_.text("algorithm"))};
    }
    return tracking_faults(*compressor_);
  }

 private:
  Cast cast_;
  Settings settings_;
  std::shared_ptr<const Compressor> compressor_;
  Graph graph_;
};

std::unique_ptr<Strategy> make(const StrategyParts& parts) {
  if (parts.settings.text("algorithm") == "ad-psgd") {
    return std::make_unique<PairwiseGossip>(parts.cast, make_graph(parts.settings, parts.cast.workers, parts.seed));
  }
  return std::make_unique<Gossip>(parts);
}

std::vector<std::string> gossip_faults(const Settings& settings, const Cast* cast) {
  std::vector<std::string> faults =
      graph_faults(settings, cast != nullptr ? std::optional(cast->workers) : std::nullopt);
  const std::string& algorithm = settings.text("algorithm");
  if (settings.has("consensus-step") != (algorithm == "choco-sgd")) {
    faults.push_back(algorithm == "choco-sgd"
                         ? "algorithm=\"choco-sgd\" needs the attribute 'consensus-step'"
                         : fmt::format("algorithm=\"{}\" has no consensus-step; choco-sgd has", algorithm));
  }
  return faults;
}

std::vector<Parameter> parameters() {
  std::vector<Parameter> all{
      {.name = "algorithm",
       .type = ParameterType::choice,
       .fallback = std::nullopt,
       .meaning =
           "d-psgd: x_i <- sum_j w_ij x_j - eta g_i (Lian et al. 2017); ad-psgd: a step, then the mean with one "
           "neighbour at random, nobody waits (Lian et al. 2018); sgp: push-sum (Assran et al. 2019); d2: "
           "cancels what differs between the workers' data (Tang et al. 2018); choco-sgd: compressed differences "
           "from what the others know (Koloskova et al. 2019)",
       .choices = {"d-psgd", "ad-psgd", "sgp", "d2", "choco-sgd"}},
      {.name = "consensus-step",
       .type = ParameterType::real,
       .fallback = "",
       .meaning =
           "gamma of choco-sgd: how far it moves to the mean of what is known; the more a compressor leaves out, "
           "the less",
       .least = 0,
       .most = 1,
       .above = true}};
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
      .faults = gossip_faults,
      .composite_needs = [](const Settings& settings) -> std::string {
        return settings.text("algorithm") == "d-psgd" ? "" : "algorithm=\"d-psgd\"";
      },
      .takes_compression = true,
  };
}

}  // namespace descent
