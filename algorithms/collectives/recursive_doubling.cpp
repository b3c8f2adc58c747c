#include "algorithms/collectives/recursive_doubling.hpp"

#include <bit>

namespace descent {

RecursiveDoublingSchedule::RecursiveDoublingSchedule(int ranks)
    : doublings_(static_cast<int>(std::bit_width(static_cast<unsigned>(ranks))) - 1),
      core_(1 << doublings_),
      extra_(ranks - core_) {}

std::size_t RecursiveDoublingSchedule::rounds() const {
  return static_cast<std::size_t>(doublings_) + (extra_ > 0 ? 2 : 0);
}

void RecursiveDoublingSchedule::at(std::size_t round, int rank, RoundPart& part) const {
  const bool folds = extra_ > 0;
  const int doubling = static_cast<int>(round) - (folds ? 1 : 0);
  if (folds && round == 0) {
    if (rank >= core_) {
      part.sends.push_back({rank - core_, {0}});
    } else if (rank < extra_) {
      part.receives.push_back({rank + core_, {0}, Reception::Then::add});
    }
  } else if (doubling == doublings_) {
    if (rank >= core_) {
      part.receives.push_back({rank - core_, {0}, Reception::Then::store});
    } else if (rank < extra_) {
      part.sends.push_back({rank + core_, {0}});
    }
  } else if (rank < core_) {
    const int partner = rank ^ (1 << doubling);
    part.sends.push_back({partner, {0}});
    part.receives.push_back({partner, {0}, Reception::Then::add});
  }
}

}  // namespace descent
