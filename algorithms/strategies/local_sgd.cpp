#include "algorithms/strategies/local_sgd.hpp"

#include "algorithms/strategies/averaging_period.hpp"
#include "algorithms/strategies/outer_rule.hpp"
#include "algorithms/strategies/progress_report.hpp"
#include "algorithms/strategies/vector_sum.hpp"

#include <utility>

namespace descent {
namespace {

/// Local SGD: every worker takes H steps of its own, then all move to where the average of their differences x − xₖ
/// leads (Stich 2019, algorithm 1): to the workers' mean, or by another outer rule (see OuterRule). H may change (see
/// AveragingPeriod). An iteration is a round. Momentum and moments of the workers stay their own.
class LocalSgd final : public Strategy {
 public:
  explicit LocalSgd(const StrategyParts& parts)
      : cast_(parts.cast),
        collective_(parts.collective.value()),
        compressor_(parts.compressor),
        period_(period_rule(parts.settings)),
        outer_(parts.settings) {}

  void run(Communicator& communicator, Learner& learner) const override {
    const StopRule& stop = learner.stop();
    const bool leads = communicator.rank() == 0;
    OptimizerState local = learner.initial_state(learner.initial_parameters());
    OptimizerState global = outer_.optimizer().initial(local.parameters);
    ProgressReport report(communicator, leads ? std::optional(Share{}) : std::nullopt);
    report.initial(global.parameters);
    VectorSum sum(collective_, compressor_, communicator, learner, Group::first(cast_.workers));
    AveragingPeriod period(period_, learner);
    std::uint64_t steps = 0;
    while (!stop.counted_out(report.progress())) {
      const Learner::Rule rule = outer_.along_sum(cast_.workers, learner.rate(steps));
      const std::uint64_t round = period.next(steps, global.parameters);
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
    return cast_.workers * (2 + remembered + static_cast<double>(slots)) + 2 +
           static_cast<double>(outer_.optimizer().slots());
  }

  std::vector<std::string> faults(const Problem& /*problem*/) const override {
    return compression_faults(collective_, compressor_.get());
  }

 private:
  Cast cast_;
  CollectiveChoice collective_;
  std::shared_ptr<const Compressor> compressor_;
  PeriodRule period_;
  OuterRule outer_;
};

std::vector<Parameter> local_sgd_parameters() {
  std::vector<Parameter> all = period_parameters();
  for (Parameter& parameter : outer_rule_parameters()) {
    all.push_back(std::move(parameter));
  }
  return all;
}

std::vector<std::string> local_sgd_faults(const Settings& settings) {
  std::vector<std::string> faults = outer_rule_faults(settings);
  for (std::string& fault : period_faults(settings)) {
    faults.push_back(std::move(fault));
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
           "et al. 2020; DiLoCo: Douillard et al. 2023; AdaComm: Wang & Joshi 2019",
           local_sgd_parameters()},
      .make = [](const StrategyParts& parts) -> std::unique_ptr<Strategy> { return std::make_unique<LocalSgd>(parts); },
      .faults = [](const Settings& settings, const Cast* /*cast*/) { return local_sgd_faults(settings); },
      .composite_needs = [](const Settings& settings) -> std::string {
        return settings.text("outer") == "average" ? "" : "outer=\"average\"";
      },
      .needs_collective = true,
      .takes_compression = true,
  };
}

}  // namespace descent
