#include "algorithms/strategies/elastic_averaging.hpp"

#include "algorithms/strategies/elastic_centre.hpp"
#include "algorithms/strategies/encoder.hpp"

#include <utility>

namespace descent {
namespace {

/// Elastic averaging SGD (Zhang, Choromanska & LeCun 2015). Every worker takes its own steps; every τ-th of them an
/// elastic force α(x − x̃) pulls it and the centre x̃ towards each other:
///   x ← x − η g(x) − α(x − x̃),  x̃ ← x̃ + α Σ (x − x̃)
/// Synchronous (equations 2.3 and 2.4): the centre takes all workers' differences of a round before any worker sees it
/// again. Asynchronous (algorithm 1): it takes each as it comes. The centre is what is evaluated, an iteration is an
/// update of it. With momentum or nesterov as the optimizer this is their EAMSGD.
class ElasticAveraging final : public Strategy {
 public:
  explicit ElasticAveraging(const StrategyParts& parts)
      : elasticity_{.cast = parts.cast,
                    .synchronous = parts.settings.text("mode") == "synchronous",
                    .period = parts.settings.integer("period"),
                    // β = Pα = 0.9 is the paper's choice (section 5).
                    .moving_rate = parts.settings.has("moving-rate") ? parts.settings.real("moving-rate")
                                                                     : 0.9 / parts.cast.workers,
                    .compressor = parts.compressor} {}

  void run(Communicator& communicator, Learner& learner) const override {
    if (elasticity_.cast.is_worker(communicator.rank())) {
      work(communicator, learner);
    } else {
      ElasticCentre(elasticity_, communicator, learner).run();
    }
  }

  /// Each worker has parameters of its own, a gradient and a difference.
  double vectors(std::size_t slots) const override {
    return elasticity_.cast.workers * (3 + static_cast<double>(slots)) + 1;
  }

 private:
  void work(Communicator& communicator, Learner& learner) const {
    const int centre = elasticity_.cast.server_rank(0);
    const double alpha = elasticity_.moving_rate;
    OptimizerState state = learner.initial_state(learner.initial_parameters());
    Encoder encoder(elasticity_.compressor, communicator, learner);
    for (std::uint64_t step = 0;; step += elasticity_.period) {
      communicator.send(centre, elastic::kAsk, envelope());
      // The centre is on its way while the gradient is computed.
      const GradientUnderWay gradient = learner.begin_gradient(state.parameters);
      Message answer = communicator.receive(centre, elastic::kCentre);
      if (answer.payload.empty()) {
        communicator.cancel(gradient.task);
        return;
      }
      communicator.wait(gradient.task);
      Snapshot difference = learner.combine({{alpha, state.parameters}, {-alpha, std::move(answer.payload)}});
      state.parameters = learner.combine({{1, state.parameters}, {-1, difference}});
      Message push;
      push.note = answer.note;
      encoder.put(push, std::move(difference));
      communicator.send(centre, elastic::kDifference, std::move(push));
      state = learner.update(std::move(state), std::move(*gradient.result), step);
      for (std::uint64_t i = 1; i < elasticity_.period; ++i) {
        state = learner.local_step(std::move(state), step + i);
      }
    }
  }

  Elasticity elasticity_;
};

}  // namespace

StrategyRow elastic_averaging_row() {
  return {
      .entry =
          {"elastic-averaging",
           "every worker takes its own steps, and every tau-th pulls itself and a centre towards each other: x <- x "
           "- alpha (x - c), c <- c + alpha (x - c)",
           "Zhang, Choromanska & LeCun 2015, Deep learning with elastic averaging SGD",
           {{.name = "mode",
             .type = ParameterType::choice,
             .fallback = "asynchronous",
             .meaning = "synchronous: the centre moves by all workers' differences at once (their equations 2.3 and "
                        "2.4); asynchronous: by each as it comes (their algorithm 1)",
             .choices = {"synchronous", "asynchronous"}},
            {.name = "period",
             .type = ParameterType::integer,
             .fallback = "1",
             .meaning = "tau: steps between two meetings with the centre",
             .least = 1},
            {.name = "moving-rate",
             .type = ParameterType::real,
             .fallback = "",
             .meaning = "alpha; 0.9/P by default, as in their section 5",
             .least = 0,
             .most = 1,
             .above = true}}},
      .make = [](const StrategyParts& parts) -> std::unique_ptr<Strategy> {
        return std::make_unique<ElasticAveraging>(parts);
      },
      .roles = {.least_servers = 1, .most_servers = 1},
      // Differences from an older centre, and of more than 1/P each, may lead out of what they are differences of.
      .composite_needs = [](const Settings& settings) -> std::string {
        const bool means = settings.text("mode") == "synchronous" && !settings.has("moving-rate");
        return means ? "" : "mode=\"synchronous\" and the default moving-rate";
      },
      .takes_compression = true,
      .race_free = {"mode", {"synchronous"}},
  };
}

}  // namespace descent
