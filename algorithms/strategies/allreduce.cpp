#include "algorithms/strategies/allreduce.hpp"

#include "algorithms/strategies/overlapped_sum.hpp"

#include <utility>

namespace descent {

void Allreduce::run(Communicator& communicator, Learner& learner) const {
  const StopRule& stop = learner.stop();
  const bool reports = communicator.rank() == 0;
  OptimizerState state = learner.initial_state(learner.initial_parameters());
  const std::size_t size = state.parameters.size();
  if (reports) {
    communicator.observer().initial({}, state.parameters, communicator.now());
  }
  const Group workers = Group::first(cast_.workers);
  Collective collective(collective_, communicator, workers, learner.bytes_per_parameter(), 0);
  std::optional<OverlappedSum> overlapped;
  if (bucket_bytes_) {
    overlapped.emplace(collective_, communicator, learner, workers, *bucket_bytes_);
  }
  Progress progress;
  while (!stop.counted_out(progress)) {
    // Rules that ranks cannot decide alone (time, targets) are rank 0's to decide: its flag comes along with the sum,
    // so that all stop in the same iteration.
    Reduced reduced;
    if (overlapped) {
      reduced = overlapped->at(state.parameters, stop.flag(reports, progress, communicator));
    } else {
      Snapshot gradient = learner.gradient_to_sum(state.parameters, collective.computations(size));
      reduced = collective.allreduce(std::exchange(gradient, {}), stop.flag(reports, progress, communicator));
    }
    if (reduced.flagged) {
      break;
    }
    state = learner.update_replica(std::move(state), std::move(reduced.sum), 1.0 / cast_.workers, progress.iterations);
    progress.count(static_cast<std::uint64_t>(cast_.workers) * learner.batch());
    if (reports) {
      communicator.observer().updated({progress.iterations, progress.samples, {0}, {}, state.parameters},
                                      communicator.now());
    }
  }
  if (overlapped) {
    overlapped->finish();
  }
  if (reports) {
    communicator.observer().finished({}, state.parameters, communicator.now());
  }
}

}  // namespace descent
