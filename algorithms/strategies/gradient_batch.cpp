#include "algorithms/strategies/gradient_batch.hpp"

#include <algorithm>
#include <utility>

namespace descent {

void GradientBatch::add(std::size_t worker, std::uint64_t staleness, Snapshot gradient) {
  staleness_.push_back(staleness);
  if (all_) {
    sum_.add(worker, std::move(gradient));
  } else {
    waiting_.push_back({worker, std::move(gradient)});
  }
}

Snapshot GradientBatch::take(double factor) {
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [](const Addend& a, const Addend& b) { return a.worker < b.worker; });
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    sum_.add(i, std::move(waiting_[i].gradient));
  }
  waiting_.clear();
  staleness_.clear();
  return sum_.take(factor);
}

}  // namespace descent
