#pragma once

#include "algorithms/collectives/schedule.hpp"

namespace descent {

/// Everybody sends to rank 0, which adds in rank order and sends the sum back: 2 rounds, of n(P−1) bytes at
/// rank 0.
class CoordinatorSchedule final : public Schedule {
 public:
  explicit CoordinatorSchedule(int ranks) : ranks_(ranks) {}

  std::size_t rounds() const override { return ranks_ > 1 ? 2 : 0; }
  std::size_t chunks() const override { return 1; }
  void at(std::size_t round, int rank, RoundPart& part) const override;
  std::optional<std::size_t> meeting() const override { return rounds() / 2; }
  ChunkRange owned(int rank) const override { return {0, rank == 0 ? std::size_t{1} : 0}; }

 private:
  int ranks_;
};

}  // namespace descent
