#include "algorithms/strategies/allreduce.hpp"

#include "algorithms/strategies/overlapped_sum.hpp"
#include "algorithms/strategies/progress_report.hpp"
#include "algorithms/strategies/replica_balance.hpp"
#include "algorithms/strategies/vector_sum.hpp"

#include <utility>

namespace descent {

void Allreduce::run(Communicator& communicator, Learner& learner) const {
  const StopRule& stop = learner.stop();
  const bool leads = communicator.rank() == 0;
  OptimizerState state = learner.initial_state(learner.initial_parameters());
  const std::size_t size = state.parameters.size();
  ProgressReport report(communicator, leads ? std::optional(Share{}) : std::nullopt);
  report.initial(state.parameters);
  const Group workers = Group::first(cast_.workers);
  VectorSum sum(collective_, compressor_, communicator, learner, workers);
  std::optional<OverlappedSum> overlapped;
  if (bucket_bytes_) {
    overlapped.emplace(collective_, compressor_, communicator, learner, workers, *bucket_bytes_);
  }
  ReplicaBalance balance(collective_, communicator, learner, cast_.workers);
  while (!stop.counted_out(report.progress())) {
    balance.updated(report.iterations());
    // Rules that ranks cannot decide alone (time, targets) are rank 0's to decide: its flag comes along with the sum,
    // so that all stop in the same iteration.
    Reduced reduced;
    if (overlapped) {
      reduced = overlapped->at(state.parameters, stop.flag(leads, report.progress(), communicator));
    } else {
      const Snapshot& x = state.parameters;
      Snapshot gradient =
          sum.takes_deferred() ? learner.gradient_to_sum(x, sum.computations(size)) : learner.gradient(x);
      reduced = sum.of(std::exchange(gradient, {}), stop.flag(leads, report.progress(), communicator));
    }
    if (reduced.flagged) {
      break;
    }
    state = learner.update_replica(std::move(state), std::move(reduced.sum), 1.0 / cast_.workers, report.iterations());
    report.updated(state.parameters, static_cast<std::uint64_t>(cast_.workers) * learner.batch());
  }
  if (overlapped) {
    overlapped->finish();
  }
  report.finished(state.parameters);
}

/// With compression every worker computes its gradient and remembers what it has not sent.
double Allreduce::vectors(std::size_t slots) const {
  const double each = compressor_ ? 1 + static_cast<double>(compressor_->state_vectors()) : 0;
  return Strategy::vectors(slots) + cast_.workers * each;
}

/// Buckets hold whole tensors, which every compressor can encode.
std::vector<std::string> Allreduce::faults(const Problem& /*problem*/) const {
  return compression_faults(collective_, compressor_.get());
}

}  // namespace descent
