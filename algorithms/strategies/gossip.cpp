#include "algorithms/strategies/gossip.hpp"

#include "algorithms/graphs/graph.hpp"
#include "algorithms/strategies/choco_sgd.hpp"
#include "algorithms/strategies/d2.hpp"
#include "algorithms/strategies/d_psgd.hpp"
#include "algorithms/strategies/gradient_push.hpp"
#include "algorithms/strategies/pairwise_gossip.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace descent {
namespace {

/// The synchronous algorithms, on one graph.
class Gossip final : public Strategy {
 public:
  explicit Gossip(const StrategyParts& parts)
      : cast_(parts.cast),
        settings_(parts.settings),
        compressor_(parts.compressor),
        recovery_(parts.recovery),
        graph_(make_graph(parts.settings, parts.cast.workers, parts.seed)) {}

  void run(Communicator& communicator, Learner& learner) const override {
    const std::string& algorithm = settings_.text("algorithm");
    if (algorithm == "d-psgd") {
      DPsgd(graph_, recovery_, communicator, learner).run(cast_);
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
  Recovery recovery_;
  Graph graph_;
};

std::unique_ptr<Strategy> make(const StrategyParts& parts) {
  if (parts.settings.text("algorithm") == "ad-psgd") {
    return std::make_unique<PairwiseGossip>(parts.cast, make_graph(parts.settings, parts.cast.workers, parts.seed),
                                            parts.recovery);
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
      .tolerance = {.losses = true, .of_anybody = true},
      .tolerance_needs = [](const Settings& settings) -> std::string {
        const bool forgives = settings.text("algorithm") == "d-psgd" || settings.text("algorithm") == "ad-psgd";
        return forgives ? "" : "algorithm=\"d-psgd\", algorithm=\"ad-psgd\"";
      },
      .race_free = {"algorithm", {"d-psgd", "sgp", "d2", "choco-sgd"}},
  };
}

}  // namespace descent
