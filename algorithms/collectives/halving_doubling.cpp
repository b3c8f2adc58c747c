#include "algorithms/collectives/halving_doubling.hpp"

#include <algorithm>
#include <bit>

namespace descent {

HalvingDoublingSchedule::HalvingDoublingSchedule(int ranks, bool shares)
    : halvings_(static_cast<int>(std::bit_width(static_cast<unsigned>(ranks))) - 1),
      core_(1 << halvings_),
      extra_(ranks - core_),
      shares_(shares && extra_ > 0),
      chunks_each_(shares_ ? 2 : 1) {}

/// The second half is the first one backwards: who added then is told now.
void HalvingDoublingSchedule::at(std::size_t round, int rank, RoundPart& part) const {
  const bool adding = round < half();
  const int step = static_cast<int>(adding ? round : rounds() - 1 - round);
  const int halving = step - (extra_ > 0 ? 1 : 0);
  if (halving < 0) {
    between_extra_and_partner(rank, adding, of_core(0, core_), adding ? Reception::Then::add : Reception::Then::store,
                              part);
  } else if (halving == halvings_) {
    const ChunkRange shared = owned(core_ + rank % core_);
    between_extra_and_partner(rank, !adding, shared, Reception::Then::store, part);
  } else if (rank < core_) {
    const int distance = core_ >> (halving + 1);
    const int partner = rank ^ distance;
    const ChunkRange mine = of_core(rank / distance * distance, distance);
    const ChunkRange theirs = of_core(partner / distance * distance, distance);
    part.sends.push_back({partner, adding ? theirs : mine});
    part.receives.push_back({partner, adding ? mine : theirs, adding ? Reception::Then::add : Reception::Then::store});
  }
}

void HalvingDoublingSchedule::between_extra_and_partner(int rank, bool to_partner, ChunkRange chunks,
                                                        Reception::Then then, RoundPart& part) const {
  const bool is_extra = rank >= core_;
  if (!is_extra && rank >= extra_) {
    return;
  }
  const int peer = is_extra ? rank - core_ : rank + core_;
  if (is_extra == to_partner) {
    part.sends.push_back({peer, chunks});
  } else {
    part.receives.push_back({peer, chunks, then});
  }
}

std::size_t HalvingDoublingSchedule::pattern(std::size_t round) const {
  const std::size_t mirrored = rounds() - 1 - round;
  if (round < half() || extra_ == 0) {
    return std::min(round, mirrored);
  }
  // Messages to and from ranks beyond C go the other way in the second half: first those that share, last the sum.
  if (mirrored == 0) {
    return half() + (shares_ ? 1 : 0);
  }
  return shares_ && round == half() ? half() : mirrored;
}

ChunkRange HalvingDoublingSchedule::owned(int rank) const {
  if (rank >= core_) {
    return {of_core(rank - core_, 1).end() - 1, shares_ ? std::size_t{1} : 0};
  }
  const ChunkRange all = of_core(rank, 1);
  return {all.begin, shares_ && rank < extra_ ? all.count - 1 : all.count};
}

}  // namespace descent
