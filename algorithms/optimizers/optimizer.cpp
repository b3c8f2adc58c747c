#include "algorithms/optimizers/optimizer.hpp"

#include <utility>

namespace descent {

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
