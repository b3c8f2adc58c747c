#include "algorithms/strategies/d_psgd.hpp"

#include <utility>

namespace descent {

void DPsgd::round(std::uint64_t step) {
  near_.send(peers_, state_.parameters);
  const GradientUnderWay gradient = learner_.begin_gradient(state_.parameters);
  const std::vector<Message> theirs = near_.receive(peers_);
  communicator_.wait(gradient.task);
  state_.parameters = mixed(state_.parameters, theirs);
  state_ = learner_.update(std::move(state_), std::move(*gradient.result), step);
}

}  // namespace descent
