#pragma once

#include "algorithms/collectives/schedule.hpp"

namespace descent {

/// Reduce-scatter, then all-gather, around a ring (Patarasuk & Yuan 2009): 2(P−1) rounds of n/P bytes.
class RingSchedule final : public Schedule {
 public:
  explicit RingSchedule(int ranks) : ranks_(ranks) {}

  std::size_t rounds() const override { return 2 * static_cast<std::size_t>(ranks_ - 1); }
  std::size_t chunks() const override { return static_cast<std::size_t>(ranks_); }
  void at(std::size_t round, int rank, RoundPart& part) const override;
  std::size_t pattern(std::size_t /*round*/) const override { return 0; }
  bool cyclic() const override { return true; }
  std::optional<std::size_t> meeting() const override { return static_cast<std::size_t>(ranks_ - 1); }
  ChunkRange owned(int rank) const override { return {static_cast<std::size_t>((rank + 1) % ranks_)}; }

 private:
  int ranks_;
};

}  // namespace descent
