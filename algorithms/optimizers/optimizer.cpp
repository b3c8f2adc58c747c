#include "algorithms/optimizers/optimizer.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace descent {

OptimizerState Optimizer::update(OptimizerState state, const Snapshot& gradient, double learning_rate,
                                 double factor) const {
  const auto suits = [&](const Snapshot& vector) {
    return vector.size() == gradient.size() && vector.precision() == gradient.precision();
  };
  if (state.slots.size() != slots() || !suits(state.parameters) ||
      !std::all_of(state.slots.begin(), state.slots.end(), suits)) {
    throw std::logic_error("an optimizer's state and the gradient differ in length, precision or slots");
  }
  ++state.updates;
  return do_update(std::move(state), gradient, learning_rate, factor);
}

OptimizerState Optimizer::initial(Snapshot parameters) const {
  OptimizerState state;
  for (std::size_t i = 0; i < slots(); ++i) {
    // Each slot has its own memory, so that the first update is in place already.
    state.slots.push_back(Buffer::zeros(parameters.precision(), parameters.size()).freeze());
  }
  state.parameters = std::move(parameters);
  return state;
}

}  // namespace descent
