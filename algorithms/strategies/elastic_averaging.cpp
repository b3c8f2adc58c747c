#include "algorithms/strategies/elastic_averaging.hpp"

#include "algorithms/strategies/encoder.hpp"
#include "algorithms/strategies/gradient_batch.hpp"

#include <utility>
#include <vector>

namespace descent {
namespace {

/// A worker asks for the centre, and later sends its elastic difference, with the version of the centre that it saw. It
/// is answered with the centre, or with nothing when the run is over.
enum : Tag { kAsk, kCentre, kDifference };

/// The centre, and who waits for it.
class Centre {
 public:
  Centre(int workers, bool synchronous, std::uint64_t period, std::shared_ptr<const Compressor> compressor,
         Communicator& communicator, Learner& learner)
      : synchronous_(synchronous),
        period_(period),
        compressor_(std::move(compressor)),
        communicator_(communicator),
        learner_(learner),
        workers_(static_cast<std::size_t>(workers)),
        present_(workers_),
        x_(learner.initial_parameters()),
        round_(workers_, true, communicator) {
    round_.decode_with(compressor_, {0, x_.size()}, learner);
  }

  void run() {
    constexpr Expected kAwaited[] = {{any_rank, kDifference}, {any_rank, kAsk}};
    communicator_.observer().initial({}, x_, communicator_.now());
    over_ = learner_.stop().met(progress_, communicator_);
    while (present_ > 0) {
      Message message = communicator_.first({}, kAwaited).message;
      if (message.tag == kAsk) {
        asking_.push_back(message.source);
      } else if (!over_) {
        take(std::move(message));
      }
      // In a round nobody sees the centre again before all have moved it.
      if (over_ || !synchronous_ || (asking_.size() == workers_ && !moving_)) {
        answer();
      }
    }
    communicator_.observer().finished({}, x_, communicator_.now());
  }

 private:
  void take(Message push) {
    if (!synchronous_) {
      const Part all{0, x_.size()};
      move(decoded(compressor_.get(), learner_, std::move(push.payload), all),
           progress_.iterations - static_cast<std::uint64_t>(push.note), 1);
      return;
    }
    round_.add(static_cast<std::size_t>(push.source), 0, std::move(push.payload));
    if (round_.complete()) {
      moving_ = false;
      move(round_.take(1), 0, workers_);
    }
  }

  void move(Snapshot difference, std::uint64_t staleness, std::size_t differences) {
    x_ = learner_.combine({{1, std::move(x_)}, {1, std::move(difference)}});
    progress_.count(differences * period_ * learner_.batch());
    communicator_.observer().updated({progress_.iterations, progress_.samples, {staleness}, {}, x_},
                                     communicator_.now());
    over_ = learner_.stop().met(progress_, communicator_);
  }

  void answer() {
    for (const int worker : std::exchange(asking_, {})) {
      Message centre;
      centre.note = static_cast<std::int64_t>(progress_.iterations);
      centre.payload = over_ ? Snapshot() : x_;
      centre.wire_bytes = over_ ? control_bytes : learner_.wire_bytes(0, x_.size());
      communicator_.send(worker, kCentre, std::move(centre));
      present_ -= over_ ? 1 : 0;
      moving_ = true;
    }
  }

  bool synchronous_;
  std::uint64_t period_;
  std::shared_ptr<const Compressor> compressor_;
  Communicator& communicator_;
  Learner& learner_;
  std::size_t workers_;
  std::size_t present_;
  Snapshot x_;
  GradientBatch round_;
  /// Differences of the round are due.
  bool moving_ = false;
  std::vector<int> asking_;
  Progress progress_;
  bool over_ = false;
};

/// Elastic averaging SGD (Zhang, Choromanska & LeCun 2015). Every worker takes its own steps; every τ-th of them an
/// elastic force α(x − x̃) pulls it and the centre x̃ towards each other:
///   x ← x − η g(x) − α(x − x̃),  x̃ ← x̃ + α Σ (x − x̃)
/// Synchronous (equations 2.3 and 2.4): the centre takes all workers' differences of a round before any worker sees it
/// again. Asynchronous (algorithm 1): it takes each as it comes. The centre is what is evaluated, an iteration is an
/// update of it. With momentum or nesterov as the optimizer this is their EAMSGD.
class ElasticAveraging final : public Strategy {
 public:
  explicit ElasticAveraging(const StrategyParts& parts)
      : cast_(parts.cast),
        compressor_(parts.compressor),
        synchronous_(parts.settings.text("mode") == "synchronous"),
        period_(parts.settings.integer("period")),
        // β = Pα = 0.9 is the paper's choice (section 5).
        alpha_(parts.settings.has("moving-rate") ? parts.settings.real("moving-rate") : 0.9 / parts.cast.workers) {}

  void run(Communicator& communicator, Learner& learner) const override {
    if (cast_.is_worker(communicator.rank())) {
      work(communicator, learner);
    } else {
      Centre(cast_.workers, synchronous_, period_, compressor_, communicator, learner).run();
    }
  }

  /// Each worker has parameters of its own, a gradient and a difference.
  double vectors(std::size_t slots) const override { return cast_.workers * (3 + static_cast<double>(slots)) + 1; }

 private:
  void work(Communicator& communicator, Learner& learner) const {
    const int server = cast_.server_rank(0);
    OptimizerState state = learner.initial_state(learner.initial_parameters());
    Encoder encoder(compressor_, communicator, learner);
    for (std::uint64_t step = 0;; step += period_) {
      Message ask;
      ask.wire_bytes = control_bytes;
      communicator.send(server, kAsk, std::move(ask));
      // The centre is on its way while the gradient is computed.
      const GradientUnderWay gradient = learner.begin_gradient(state.parameters);
      Message centre = communicator.receive(server, kCentre);
      if (centre.payload.empty()) {
        communicator.cancel(gradient.task);
        return;
      }
      communicator.wait(gradient.task);
      Snapshot difference = learner.combine({{alpha_, state.parameters}, {-alpha_, std::move(centre.payload)}});
      state.parameters = learner.combine({{1, state.parameters}, {-1, difference}});
      Message push;
      push.note = centre.note;
      const Part all{0, difference.size()};
      encoder.put(push, std::move(difference), all);
      communicator.send(server, kDifference, std::move(push));
      state = learner.update(std::move(state), std::move(*gradient.result), step);
      for (std::uint64_t i = 1; i < period_; ++i) {
        state = learner.local_step(std::move(state), step + i);
      }
    }
  }

  Cast cast_;
  std::shared_ptr<const Compressor> compressor_;
  bool synchronous_;
  std::uint64_t period_;
  double alpha_;
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
  };
}

}  // namespace descent
