#include "algorithms/strategies/sgd.hpp"

#include "algorithms/recovery/checkpoints.hpp"
#include "algorithms/strategies/progress_report.hpp"

#include <utility>

namespace descent {

void Sgd::run(Communicator& communicator, Learner& learner) const {
  Checkpoints checkpoints(recovery_, communicator, learner.bytes_per_parameter());
  OptimizerState state = learner.initial_state(learner.initial_parameters());
  ProgressReport report(communicator);
  if (communicator.life() == 0) {
    report.initial(state.parameters);
  } else {
    if (std::optional<Checkpoint> newest = checkpoints.newest()) {
      state = std::move(newest->state);
      learner.skip_gradients(newest->iterations);
      report.resume({newest->iterations, newest->samples});
    }
    report.restored();
  }
  while (!learner.stop().met(report.progress(), communicator)) {
    Snapshot gradient = learner.gradient(state.parameters);
    state = learner.update(std::move(state), std::move(gradient), report.iterations());
    report.updated(state.parameters, learner.batch());
    checkpoints.offer(state, report.progress().iterations, report.progress().samples);
  }
  report.finished(state.parameters);
}

}  // namespace descent
