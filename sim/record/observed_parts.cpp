#include "sim/record/observed_parts.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace descent {

void ObservedParts::add(ObservedPart part) {
  if (part.share.replicas > 1) {
    Replica& replica = replicas_[part.share.replica];
    if (part.slot == last_slot) {
      replica.ended = true;
    } else {
      replica.slot = part.slot;
    }
    if (taken_ && part.slot <= *taken_) {
      return;
    }
  }
  newest_ = part.slot;
  incomplete_[part.slot].push_back(std::move(part));
}

void ObservedParts::lost(int replica) {
  losses_ = true;
  down_.insert(replica);
}

void ObservedParts::end() {
  for (const auto& [replica, known] : replicas_) {
    if (!known.ended) {
      lost(replica);
    }
  }
}

std::vector<ObservedPart> ObservedParts::take() {
  // Without losses only the newest part can have completed something.
  const auto found = losses_ ? std::find_if(incomplete_.begin(), incomplete_.end(),
                                            [&](const auto& one) { return complete(one.first, one.second); })
                             : incomplete_.find(newest_);
  if (found == incomplete_.end() || !complete(found->first, found->second)) {
    return {};
  }
  std::vector<ObservedPart> parts = std::move(found->second);
  incomplete_.erase(found);
  if (parts.front().share.replicas > 1) {
    taken_ = parts.front().slot;
    for (const ObservedPart& part : parts) {
      replicas_[part.share.replica].samples = part.samples;
    }
  }
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
    return std::pair(a.share.replica, a.share.offset) < std::pair(b.share.replica, b.share.offset);
  });
  return parts;
}

std::uint64_t ObservedParts::samples() const {
  return std::accumulate(replicas_.begin(), replicas_.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& one) { return sum + one.second.samples; });
}

bool ObservedParts::complete(std::uint64_t slot, const std::vector<ObservedPart>& parts) const {
  const auto replicas = static_cast<std::size_t>(parts.front().share.replicas);
  if (replicas == 1) {
    const std::size_t size = std::accumulate(parts.begin(), parts.end(), std::size_t{0},
                                             [](std::size_t sum, const auto& p) { return sum + p.parameters.size(); });
    return size >= parameters_;
  }
  if (parts.size() == replicas || !losses_) {
    return parts.size() == replicas;
  }
  std::set<int> here;
  for (const ObservedPart& part : parts) {
    here.insert(part.share.replica);
  }
  for (const auto& [replica, known] : replicas_) {
    const bool gone_on = known.slot && *known.slot > slot;
    if (!here.contains(replica) && !down_.contains(replica) && !gone_on) {
      return false;
    }
  }
  return true;
}

}  // namespace descent
