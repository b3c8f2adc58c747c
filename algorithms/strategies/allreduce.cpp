#include "algorithms/strategies/allreduce.hpp"

#include "algorithms/strategies/elastic_allreduce.hpp"
#include "algorithms/strategies/overlapped_sum.hpp"
#include "algorithms/strategies/progress_report.hpp"
#include "algorithms/strategies/replica_balance.hpp"
#include "algorithms/strategies/vector_sum.hpp"

#include <fmt/format.h>

#include <utility>

namespace descent {

void Allreduce::run(Communicator& communicator, Learner& learner) const {
  if (recovery_.tolerates_losses()) {
    ElasticAllreduce(collective_, recovery_, communicator, learner).run();
    return;
  }
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

/// With compression every worker computes its gradient and remembers what it has not sent; with recovery each has all
/// to itself.
double Allreduce::vectors(std::size_t slots) const {
  if (recovery_.tolerates_losses()) {
    return cast_.workers * Strategy::vectors(slots);
  }
  const double each = compressor_ ? 1 + static_cast<double>(compressor_->state_vectors()) : 0;
  return Strategy::vectors(slots) + cast_.workers * each;
}

/// Buckets hold whole tensors, which every compressor can encode.
std::vector<std::string> Allreduce::faults(const Problem& /*problem*/) const {
  std::vector<std::string> faults = compression_faults(collective_, compressor_.get());
  if (!recovery_.tolerates_losses()) {
    return faults;
  }
  if (bucket_bytes_) {
    faults.emplace_back("<recovery> timeout: a sum is broken off as a whole; allowed: no bucket");
  }
  if (compressor_) {
    faults.emplace_back(
        "<recovery> timeout: what compression leaves out of a sum that is broken off would be lost; "
        "allowed: no <compression>");
  }
  if (collective_.row->native) {
    faults.emplace_back(fmt::format(
        "<recovery> timeout: nothing ends a collective of MPI's own in which a rank is missing; allowed: collective "
        "other than \"{}\"",
        collective_.row->entry.name));
  }
  for (int left = cast_.workers; left >= static_cast<int>(recovery_.least_members); --left) {
    const std::string fault = fault_of(collective_, left);
    if (!fault.empty()) {
      faults.push_back(fmt::format("<recovery> timeout: {} workers may be left, and {}", left, fault));
      break;
    }
  }
  return faults;
}

}  // namespace descent
