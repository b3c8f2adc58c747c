#include "algorithms/collectives/ring.hpp"

namespace descent {

void RingSchedule::at(std::size_t round, int rank, RoundPart& part) const {
  const int step = static_cast<int>(round);
  const bool reducing = step < ranks_ - 1;
  // While reducing, rank r begins with its own chunk and passes on what it has just added to. After that it
  // holds the sum of chunk r + 1, and passes on what it has just stored.
  const int offset = reducing ? -step : 1 - (step - (ranks_ - 1));
  const auto chunk = [&](int owner) { return static_cast<std::size_t>(((owner + offset) % ranks_ + ranks_) % ranks_); };
  const int next = (rank + 1) % ranks_;
  const int previous = (rank + ranks_ - 1) % ranks_;
  part.sends.push_back({next, {chunk(rank)}});
  part.receives.push_back({previous, {chunk(previous)}, reducing ? Reception::Then::add : Reception::Then::store});
}

}  // namespace descent
