#include "algorithms/collectives/halves.hpp"

#include <algorithm>
#include <utility>

namespace descent {

HalfSchedule::HalfSchedule(std::shared_ptr<const Schedule> whole, Which which) : whole_(std::move(whole)) {
  const std::size_t meeting = *whole_->meeting();
  first_ = which == Which::first ? 0 : meeting;
  rounds_ = which == Which::first ? meeting : whole_->rounds() - meeting;
  constexpr auto kUnseen = static_cast<std::size_t>(-1);
  std::size_t seen = 0;
  for (std::size_t round = first_; round < first_ + rounds_; ++round) {
    const std::size_t pattern = whole_->pattern(round);
    patterns_.resize(std::max(patterns_.size(), pattern + 1), kUnseen);
    if (patterns_[pattern] == kUnseen) {
      patterns_[pattern] = seen++;
    }
  }
}

}  // namespace descent
