#include "algorithms/collectives/coordinator.hpp"

namespace descent {

void CoordinatorSchedule::at(std::size_t round, int rank, RoundPart& part) const {
  const bool gathering = round == 0;
  if (rank != 0) {
    if (gathering) {
      part.sends.push_back({0, {0}});
    } else {
      part.receives.push_back({0, {0}, Reception::Then::store});
    }
    return;
  }
  for (int peer = 1; peer < ranks_; ++peer) {
    if (gathering) {
      part.receives.push_back({peer, {0}, Reception::Then::add});
    } else {
      part.sends.push_back({peer, {0}});
    }
  }
}

}  // namespace descent
