#include "algorithms/strategies/local_sgd.hpp"

#include "algorithms/optimizers/optimizers.hpp"
#include "algorithms/strategies/progress_report.hpp"
#include "algorithms/strategies/vector_sum.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace descent {
namespace {

/// Local SGD: every worker takes H steps of its own, then all move to where the average of their differences Δ = x − xₖ
/// leads (Stich 2019, algorithm 1). What moves them is a second, outer rule:
/// - `average`: x ← x − mean Δ, the mean of the workers;
/// - `slowmo`: u ← βu + mean Δ/γ; x ← x − αγu, γ the learning rate of the round's first step (Wang et al. 2020, SlowMo,
///   eq. 2 and 3);
/// - `nesterov`: Nesterov's momentum on mean Δ as the gradient, at the outer rate; with adamw inside, DiLoCo (Douillard
///   et al. 2023, algorithm 1).
/// An iteration is a round. Momentum and moments of the workers stay their own.
class LocalSgd final : public Strategy {
 public:
  explicit LocalSgd(const StrategyParts& parts)
      : cast_(parts.cast),
        collective_(parts.collective.value()),
        compressor_(parts.compressor),
        period_(parts.settings.integer("period")),
        post_local_(parts.settings.integer("post-local")) {
    const std::string& outer = parts.settings.text("outer");
    slow_momentum_ = outer == "slowmo";
    if (outer == "average") {
      outer_ = outer_optimizer("sgd", {{"weight-decay", "0"}});
      return;
    }
    outer_ = outer_optimizer(slow_momentum_ ? "momentum" : "nesterov",
                             {{"momentum", parts.settings.text("outer-momentum")}});
    outer_rate_ = parts.settings.real("outer-rate");
  }

  void run(Communicator& communicator, Learner& learner) const override {
    const StopRule& stop = learner.stop();
    const bool leads = communicator.rank() == 0;
    OptimizerState local = learner.initial_state(learner.initial_parameters());
    OptimizerState global = outer_->initial(local.parameters);
    ProgressReport report(communicator, leads ? std::optional(Share{}) : std::nullopt);
    report.initial(global.parameters);
    VectorSum sum(collective_, compressor_, communicator, learner, Group::first(cast_.workers));
    std::uint64_t steps = 0;
    while (!stop.counted_out(report.progress())) {
      const Learner::Rule rule = outer_rule(learner.rate(steps));
      const std::uint64_t round = steps < post_local_ ? 1 : period_;
      for (std::uint64_t i = 0; i < round; ++i) {
        local = learner.local_step(std::move(local), steps++);
      }
      Snapshot difference = learner.combine({{1, global.parameters}, {-1, std::exchange(local.parameters, {})}});
      Reduced reduced = sum.of(std::move(difference), stop.flag(leads, report.progress(), communicator));
      if (reduced.flagged) {
        break;
      }
      global = learner.update_replica(rule, std::move(global), std::move(reduced.sum), report.iterations());
      local.parameters = global.parameters;
      report.updated(global.parameters, static_cast<std::uint64_t>(cast_.workers) * round * learner.batch());
    }
    report.finished(global.parameters);
  }

  /// Each worker has parameters and moments of its own, and a difference.
  double vectors(std::size_t slots) const override {
    const auto remembered = compressor_ ? static_cast<double>(compressor_->state_vectors()) : 0;
    return cast_.workers * (2 + remembered + static_cast<double>(slots)) + 2 + static_cast<double>(outer_->slots());
  }

  std::vector<std::string> faults(const Problem& /*problem*/) const override {
    return compression_faults(collective_, compressor_.get());
  }

 private:
  static std::shared_ptr<const Optimizer> outer_optimizer(const char* name, std::map<std::string, std::string> values) {
    return make_optimizer(name, Settings(std::move(values)));
  }

  Learner::Rule outer_rule(double learning_rate) const {
    const double mean = 1.0 / cast_.workers;
    if (slow_momentum_) {
      return {outer_, outer_rate_ * learning_rate, mean / learning_rate};
    }
    return {outer_, outer_rate_, mean};
  }

  Cast cast_;
  CollectiveChoice collective_;
  std::shared_ptr<const Compressor> compressor_;
  std::uint64_t period_;
  std::uint64_t post_local_;
  bool slow_momentum_ = false;
  std::shared_ptr<const Optimizer> outer_;
  double outer_rate_ = 1;
};

std::vector<std::string> local_sgd_faults(const Settings& settings, const Cast* /*cast*/) {
  std::vector<std::string> faults;
  const bool average = settings.text("outer") == "average";
  for (const char* name : {"outer-rate", "outer-momentum"}) {
    if (average && settings.has(name)) {
      faults.push_back(fmt::format("outer=\"average\" has no {}; slowmo and nesterov have", name));
    } else if (!average && !settings.has(name)) {
      faults.push_back(fmt::format("outer=\"{}\" needs the attribute '{}'", settings.text("outer"), name));
    }
  }
  return faults;
}

}  // namespace

StrategyRow local_sgd_row() {
  return {
      .entry =
          {"local-sgd",
           "every worker takes H steps of its own, then x <- x - mean of the differences, by an outer rule",
           "Stich 2019, Local SGD converges fast and communicates little; post-local: Lin et al. 2020; SlowMo: Wang "
           "et al. 2020; DiLoCo: Douillard et al. 2023",
           {{.name = "period",
             .type = ParameterType::integer,
             .fallback = std::nullopt,
             .meaning = "H: local steps between two averages",
             .least = 1},
            {.name = "post-local",
             .type = ParameterType::integer,
             .fallback = "0",
             .meaning = "steps at the beginning that are averaged one by one (post-local SGD, Lin et al. 2020)",
             .least = 0},
            {.name = "outer",
             .type = ParameterType::choice,
             .fallback = "average",
             .meaning = "average: of the workers; slowmo: heavy ball on the mean difference (Wang et al. 2020); "
                        "nesterov: with adamw as the optimizer, DiLoCo (Douillard et al. 2023)",
             .choices = {"average", "slowmo", "nesterov"}},
            {.name = "outer-rate",
             .type = ParameterType::real,
             .fallback = "",
             .meaning = "alpha of slowmo, or the learning rate of nesterov (DiLoCo: 0.7)",
             .least = 0,
             .above = true},
            {.name = "outer-momentum",
             .type = ParameterType::real,
             .fallback = "",
             .meaning = "beta of slowmo, or the momentum of nesterov (DiLoCo: 0.9)",
             .least = 0,
             .most = 0.9999999}}},
      .make = [](const StrategyParts& parts) -> std::unique_ptr<Strategy> { return std::make_unique<LocalSgd>(parts); },
      .faults = local_sgd_faults,
      .composite_needs = [](const Settings& settings) -> std::string {
        return settings.text("outer") == "average" ? "" : "outer=\"average\"";
      },
      .needs_collective = true,
      .takes_compression = true,
  };
}

}  // namespace descent
