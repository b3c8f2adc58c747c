#include "algorithms/comm/group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace descent {

Group Group::first(int count) {
  if (count < 1) {
    throw std::logic_error(fmt::format("a group of {} ranks", count));
  }
  return Group(count);
}

Group::Group(std::vector<int> ranks) : size_(static_cast<int>(ranks.size())) {
  std::vector<int> sorted = ranks;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (sorted.empty() || sorted.front() < 0 || twice != sorted.end()) {
    throw std::logic_error(sorted.empty() ? "a group of no ranks"
                                          : fmt::format("a group that has rank {} {}",
                                                        sorted.front() < 0 ? sorted.front() : *twice,
                                                        sorted.front() < 0 ? "in it" : "twice"));
  }
  std::vector<int> counted(ranks.size());
  std::iota(counted.begin(), counted.end(), 0);
  if (ranks != counted) {
    ranks_ = std::make_shared<const std::vector<int>>(std::move(ranks));
  }
}

int Group::member(int rank) const {
  if (!ranks_ && rank >= 0 && rank < size_) {
    return rank;
  }
  const auto found = ranks_ ? std::find(ranks_->begin(), ranks_->end(), rank) : std::vector<int>::const_iterator();
  if (!ranks_ || found == ranks_->end()) {
    throw std::logic_error(fmt::format("rank {} is not in the group whose collective it takes part in", rank));
  }
  return static_cast<int>(found - ranks_->begin());
}

std::strong_ordering Group::operator<=>(const Group& other) const {
  if (size_ != other.size_ || ranks_ == other.ranks_) {
    return size_ <=> other.size_;
  }
  if (!ranks_ || !other.ranks_) {
    return (ranks_ != nullptr) <=> (other.ranks_ != nullptr);
  }
  return *ranks_ <=> *other.ranks_;
}

}  // namespace descent
