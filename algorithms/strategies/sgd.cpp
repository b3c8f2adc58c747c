#include "algorithms/strategies/sgd.hpp"

#include "algorithms/strategies/progress_report.hpp"

#include <utility>

namespace descent {

void Sgd::run(Communicator& communicator, Learner& learner) const {
  OptimizerState state = learner.initial_state(learner.initial_parameters());
  ProgressReport report(communicator);
  report.initial(state.parameters);
  while (!learner.stop().met(report.progress(), communicator)) {
    Snapshot gradient = learner.gradient(state.parameters);
    state = learner.update(std::move(state), std::move(gradient), report.iterations());
    report.updated(state.parameters, learner.batch());
  }
  report.finished(state.parameters);
}

}  // namespace descent
