#include "algorithms/strategies/admm.hpp"

#include "algorithms/strategies/encoder.hpp"
#include "algorithms/strategies/progress_report.hpp"
#include "algorithms/strategies/vector_sum.hpp"

#include <utility>

namespace descent {
namespace {

/// Consensus ADMM (Boyd et al. 2011, section 7.1.1, in scaled form): min Σ wₖ Fₖ(xₖ) + r(z), z ∈ C, with all xₖ = z,
/// where Fₖ is the mean loss over worker k's data and wₖ its part of all data, so that Σ wₖ Fₖ is the objective. With
/// the augmented Lagrangian's quadratic term weighed alike, a round is
///   xₖ ← argmin Fₖ(x) + ρ/2 ‖x − z + uₖ‖²     as H steps of the optimizer from the last xₖ
///   z  ← prox_{r/ρ} of Σ wₖ (xₖ + uₖ), onto C   an allreduce, and the same on all ranks
///   uₖ ← uₖ + xₖ − z                           the dual variable; at the solution −∇Fₖ(z)/ρ
/// The more steps, the nearer a round is to the exact algorithm (Eckstein & Bertsekas 1992 on inexact ones). Momentum
/// and moments stay from round to round. An iteration is a round; what is evaluated is z.
///
/// Compressed, ranks add up differences: of xₖ + uₖ between rounds, and what was not sent before.
class Admm final : public Strategy {
 public:
  explicit Admm(const StrategyParts& parts)
      : cast_(parts.cast),
        collective_(parts.collective.value()),
        compressor_(parts.compressor),
        composite_(parts.composite),
        penalty_(parts.settings.real("penalty")),
        local_steps_(parts.settings.integer("local-steps")) {}

  void run(Communicator& communicator, Learner& learner) const override {
    const StopRule& stop = learner.stop();
    const bool leads = communicator.rank() == 0;
    const double weight = weight_of(learner, communicator.rank());
    OptimizerState local = learner.initial_state(learner.initial_parameters());
    Snapshot z = local.parameters;
    Snapshot dual = learner.zeros();
    // wₖ (xₖ + uₖ) as the others know it, and the sum of all; by differences from the start, which all know.
    Snapshot mine = learner.combine({{weight, z}});
    Snapshot mean = z;
    ProgressReport report(communicator, leads ? std::optional(Share{}) : std::nullopt);
    report.initial(z);
    VectorSum sum(collective_, compressor_, communicator, learner, Group::first(cast_.workers));
    for (std::uint64_t step = 0; !stop.counted_out(report.progress());) {
      LocalTerm term{.pull = penalty_, .towards = learner.combine({{1, z}, {-1, dual}})};
      for (std::uint64_t i = 0; i < local_steps_; ++i) {
        local = learner.local_step(std::move(local), step++, term);
      }
      Snapshot share = learner.combine({{weight, local.parameters}, {weight, dual}});
      Snapshot sent = compressor_ ? learner.combine({{1, share}, {-1, std::exchange(mine, share)}}) : std::move(share);
      Reduced reduced = sum.of(std::move(sent), stop.flag(leads, report.progress(), communicator));
      if (reduced.flagged) {
        break;
      }
      mean = compressor_ ? learner.combine({{1, std::move(mean)}, {1, std::move(reduced.sum)}}) : reduced.sum;
      z = consensus(learner, mean);
      dual = learner.combine({{1, std::move(dual)}, {1, local.parameters}, {-1, z}});
      report.updated(z, static_cast<std::uint64_t>(cast_.workers) * local_steps_ * learner.batch());
    }
    report.finished(z);
  }

  /// Each worker has x, u, where both are pulled, a gradient, and moments; compressed, what was sent besides.
  double vectors(std::size_t slots) const override {
    const double remembered = compressor_ ? 1 + static_cast<double>(compressor_->state_vectors()) : 0;
    return cast_.workers * (4 + remembered + static_cast<double>(slots)) + 2;
  }

  std::vector<std::string> faults(const Problem& /*problem*/) const override {
    std::vector<std::string> faults = compression_faults(collective_, compressor_.get());
    if (compressor_ && faults.empty()) {
      faults = tracking_faults(*compressor_);
    }
    return faults;
  }

 private:
  double weight_of(const Learner& learner, int worker) const {
    const std::size_t samples = learner.problem().samples();
    const auto workers = static_cast<std::size_t>(cast_.workers);
    return samples == 0 ? 1 / static_cast<double>(workers)
                        : static_cast<double>(learner.samples_of(static_cast<std::size_t>(worker), workers)) /
                              static_cast<double>(samples);
  }

  Snapshot consensus(Learner& learner, const Snapshot& mean) const {
    Snapshot z = mean;
    learner.compute(composite_.flops_per_parameter() * static_cast<double>(mean.size()), [&] {
      if (composite_.empty() || mean.is_placeholder()) {
        return;
      }
      z = learner.once(std::span(&mean, 1), [&] {
        Buffer buffer = Buffer::from(mean);
        composite_.step(buffer, 1 / penalty_);
        return std::move(buffer).freeze();
      });
    });
    return z;
  }

  Cast cast_;
  CollectiveChoice collective_;
  std::shared_ptr<const Compressor> compressor_;
  Composite composite_;
  double penalty_;
  std::uint64_t local_steps_;
};

}  // namespace

StrategyRow admm_row() {
  return {
      .entry = {"admm",
                "consensus ADMM: x_k <- about argmin F_k(x) + rho/2 |x - z + u_k|^2; z <- prox of the mean of x_k + "
                "u_k; u_k <- u_k + x_k - z",
                "Boyd et al. 2011, Distributed optimization and statistical learning via ADMM, section 7.1.1",
                {{.name = "penalty",
                  .type = ParameterType::real,
                  .fallback = std::nullopt,
                  .meaning = "rho: what a worker pays for its distance from the consensus; by the loss's curvature",
                  .least = 0,
                  .above = true},
                 {.name = "local-steps",
                  .type = ParameterType::integer,
                  .fallback = std::nullopt,
                  .meaning = "H: the optimizer's steps in a round, instead of the exact minimum",
                  .least = 1}}},
      .make = [](const StrategyParts& parts) -> std::unique_ptr<Strategy> { return std::make_unique<Admm>(parts); },
      .splits_composite = true,
      .needs_collective = true,
      .takes_compression = true,
  };
}

}  // namespace descent
