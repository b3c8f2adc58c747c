#include "algorithms/strategies/sgd.hpp"

#include <utility>

namespace descent {

void Sgd::run(Communicator& communicator, Learner& learner) const {
  OptimizerState state = learner.initial_state(learner.initial_parameters());
  communicator.observer().initial({}, state.parameters, communicator.now());
  Progress progress;
  while (!learner.stop().met(progress, communicator)) {
    Snapshot gradient = learner.gradient(state.parameters);
    state = learner.update(std::move(state), std::move(gradient), progress.iterations);
    progress.count(learner.batch());
    communicator.observer().updated({progress.iterations, progress.samples, {0}, {}, state.parameters},
                                    communicator.now());
  }
  communicator.observer().finished({}, state.parameters, communicator.now());
}

}  // namespace descent
