#include "algorithms/strategies/allreduce.hpp"

#include "algorithms/collectives/executor.hpp"

#include <utility>

namespace descent {
namespace {

/// Rules that ranks cannot decide alone (time, targets) are rank 0's to decide. Its vote travels as one
/// element more of the gradient: no message of its own, and every rank stops in the same iteration.
Snapshot with_vote(const Snapshot& gradient, bool stop) {
  Buffer both(gradient.precision(), gradient.size() + 1);
  both.store(0, gradient);
  with_real(both.precision(), [&](auto real) {
    using Real = decltype(real);
    both.as<Real>()(static_cast<Eigen::Index>(gradient.size())) = stop ? Real{1} : Real{0};
  });
  return std::move(both).freeze();
}

bool stop_voted(const Snapshot& sum) {
  return with_real(sum.precision(), [&](auto real) {
    using Real = decltype(real);
    return sum.as<Real>()(static_cast<Eigen::Index>(sum.size()) - 1) != Real{0};
  });
}

}  // namespace

void Allreduce::run(Communicator& communicator, Learner& learner) const {
  const StopRule& stop = learner.stop();
  const bool reports = communicator.rank() == 0;
  OptimizerState state = learner.initial_state(learner.initial_parameters());
  const std::size_t size = state.parameters.size();
  if (reports) {
    communicator.observer().initial(0, state.parameters, communicator.now());
  }
  const double bytes_per_parameter = static_cast<double>(learner.wire_bytes(0, size)) / static_cast<double>(size);
  Collective collective(find_collective(collective_), communicator, cast_.workers, bytes_per_parameter, 0);
  Progress progress;
  while (!stop.counted_out(progress)) {
    Snapshot gradient = learner.gradient(state.parameters);
    if (stop.needs_agreement()) {
      gradient = with_vote(gradient, reports && stop.met(progress, communicator));
    }
    Snapshot sum = collective.allreduce(std::exchange(gradient, {}));
    if (stop.needs_agreement()) {
      if (stop_voted(sum)) {
        break;
      }
      sum = sum.slice(0, size);
    }
    Buffer mean = Buffer::from(std::move(sum));
    mean.scale(1.0 / cast_.workers);
    state = learner.update(std::move(state), std::move(mean).freeze(), progress.iterations);
    progress.count(static_cast<std::uint64_t>(cast_.workers) * learner.batch());
    if (reports) {
      communicator.observer().updated({progress.iterations, progress.samples, 0, 0, state.parameters},
                                      communicator.now());
    }
  }
  if (reports) {
    communicator.observer().finished(0, state.parameters, communicator.now());
  }
}

}  // namespace descent
