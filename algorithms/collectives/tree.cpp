#include "algorithms/collectives/tree.hpp"

#include <bit>

namespace descent {

TreeSchedule::TreeSchedule(int ranks)
    : ranks_(ranks), levels_(static_cast<int>(std::bit_width(static_cast<unsigned>(ranks - 1)))) {}

void TreeSchedule::at(std::size_t round, int rank, RoundPart& part) const {
  const int step = static_cast<int>(round);
  const bool reducing = step < levels_;
  // Level l joins subtrees of 2^l ranks: the broadcast runs through the levels of the reduction backwards.
  const int distance = 1 << (reducing ? step : 2 * levels_ - 1 - step);
  const bool parent = rank % (2 * distance) == 0 && rank + distance < ranks_;
  const bool child = rank % (2 * distance) == distance;
  if (reducing && child) {
    part.sends.push_back({rank - distance, {0}});
  } else if (reducing && parent) {
    part.receives.push_back({rank + distance, {0}, Reception::Then::add});
  } else if (!reducing && parent) {
    part.sends.push_back({rank + distance, {0}});
  } else if (!reducing && child) {
    part.receives.push_back({rank - distance, {0}, Reception::Then::store});
  }
}

}  // namespace descent
