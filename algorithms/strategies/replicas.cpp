#include "algorithms/strategies/replicas.hpp"

#include <algorithm>
#include <utility>

namespace descent {

const OptimizerState& SharedUpdate::value() {
  std::call_once(once_, [this] {
    value_ = compute_();
    compute_ = nullptr;  // lets go of what it was computed from
  });
  return value_;
}

std::shared_ptr<SharedUpdate> Replicas::find(const OptimizerState& state, const Snapshot& sum, std::uint64_t step,
                                             const std::function<std::function<OptimizerState()>()>& make) {
  const std::lock_guard lock(mutex_);
  std::erase_if(known_, [](const Known& one) { return one.sum.gone() || one.parameters.gone(); });
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& one) {
    return one.step == step && one.sum.is(sum) && one.parameters.is(state.parameters);
  });
  if (found != known_.end()) {
    return found->update;
  }
  auto update = std::make_shared<SharedUpdate>(make());
  known_.push_back({state.parameters.identity(), sum.identity(), step, update});
  return update;
}

Snapshot Replicas::join(std::span<const Snapshot> parts) {
  if (parts.size() == 1) {
    return parts.front();
  }
  const std::lock_guard lock(mutex_);
  const auto same = [](const Snapshot& a, const Snapshot& b) { return a.identity().is(b); };
  if (!std::equal(parts.begin(), parts.end(), parts_.begin(), parts_.end(), same)) {
    joined_ = descent::join(parts);
    parts_.assign(parts.begin(), parts.end());
  }
  return joined_;
}

}  // namespace descent
