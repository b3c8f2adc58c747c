#include "algorithms/collectives/direct.hpp"

namespace descent {

void DirectSchedule::at(std::size_t round, int rank, RoundPart& part) const {
  const bool adding = round == 0;
  const auto mine = static_cast<std::size_t>(rank);
  for (int step = 1; step < ranks_; ++step) {
    const int peer = (rank + step) % ranks_;
    const auto theirs = static_cast<std::size_t>(peer);
    part.sends.push_back({peer, {adding ? theirs : mine}});
    part.receives.push_back({peer, {adding ? mine : theirs}, adding ? Reception::Then::add : Reception::Then::store});
  }
}

}  // namespace descent
