#include "algorithms/strategies/sharded.hpp"

#include "algorithms/strategies/progress_report.hpp"
#include "algorithms/strategies/vector_sum.hpp"

#include <utility>

namespace descent {
namespace {

/// Sharded replicas (Rajbhandari et al. 2020, ZeRO, stages 1 and 2): all have the parameters, but each keeps the
/// optimizer's state of its own shard only. A reduce-scatter leaves each rank the sum of the gradients of its shard, it
/// updates that, and an all-gather gives everybody all shards: the bytes of an allreduce, and 1/P of the moments and of
/// the update's work on each rank.
class Sharded final : public Strategy {
 public:
  explicit Sharded(const StrategyParts& parts)
      : cast_(parts.cast), collective_(parts.collective.value()), compressor_(parts.compressor) {}

  void run(Communicator& communicator, Learner& learner) const override {
    const StopRule& stop = learner.stop();
    const bool decides = communicator.rank() == 0;
    Snapshot x = learner.initial_parameters();
    const std::size_t size = x.size();
    Collective collective(collective_, communicator, Group::first(cast_.workers), learner.bytes_per_parameter(), 0);
    // What is compressed cannot be scattered on the way: all ranks have the sum, and each takes its shard.
    VectorSum compressed(collective_, compressor_, communicator, learner, Group::first(cast_.workers));
    const Part shard = collective.owned(size);
    OptimizerState state = learner.initial_state(x.slice(shard.begin, shard.count));
    ProgressReport report(communicator, shard.count > 0 ? std::optional(Share{shard.begin}) : std::nullopt);
    report.initial(state.parameters);
    while (!stop.counted_out(report.progress())) {
      const std::optional<bool> flag = stop.flag(decides, report.progress(), communicator);
      Reduced sum;
      if (compressor_) {
        sum = compressed.of(learner.gradient(x), flag);
        sum.sum = sum.sum.slice(shard.begin, shard.count);
      } else {
        sum = collective.reduce_scatter(learner.gradient_to_sum(x, collective.computations(size)), flag);
      }
      if (sum.flagged) {
        break;
      }
      state = learner.update_scaled(std::move(state), std::move(sum.sum), 1.0 / cast_.workers, report.iterations());
      report.updated(state.parameters, static_cast<std::uint64_t>(cast_.workers) * learner.batch());
      x = collective.all_gather(state.parameters, size);
    }
    report.finished(state.parameters);
  }

  /// The shards of all ranks together are one vector, and so are their moments.
  double vectors(std::size_t slots) const override {
    const double each = compressor_ ? 1 + static_cast<double>(compressor_->state_vectors()) : 0;
    return 4 + static_cast<double>(slots) + cast_.workers * each;
  }

  std::vector<std::string> faults(const Problem& /*problem*/) const override {
    const std::string fault = fault_of(*collective_.row, CollectiveOperation::reduce_scatter);
    return fault.empty() ? std::vector<std::string>() : std::vector{fault};
  }

 private:
  Cast cast_;
  CollectiveChoice collective_;
  std::shared_ptr<const Compressor> compressor_;
};

}  // namespace

StrategyRow sharded_row() {
  return {
      .entry = {"sharded",
                "replicas that share the optimizer's state: reduce-scatter of gradients, each updates its shard, "
                "all-gather of parameters",
                "Rajbhandari et al. 2020, ZeRO: memory optimizations toward training trillion parameter models",
                {}},
      .make = [](const StrategyParts& parts) -> std::unique_ptr<Strategy> { return std::make_unique<Sharded>(parts); },
      .workers_hold_parts = true,
      .needs_collective = true,
      .takes_compression = true,
  };
}

}  // namespace descent
