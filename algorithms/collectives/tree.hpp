#pragma once

#include "algorithms/collectives/schedule.hpp"

namespace descent {

/// Binomial reduce to rank 0, then binomial broadcast from it: 2⌈log₂P⌉ rounds of n bytes.
class TreeSchedule final : public Schedule {
 public:
  explicit TreeSchedule(int ranks);

  std::size_t rounds() const override { return 2 * static_cast<std::size_t>(levels_); }
  std::size_t chunks() const override { return 1; }
  void at(std::size_t round, int rank, RoundPart& part) const override;
  std::optional<std::size_t> meeting() const override { return static_cast<std::size_t>(levels_); }
  ChunkRange owned(int rank) const override { return {0, rank == 0 ? std::size_t{1} : 0}; }

 private:
  int ranks_;
  int levels_;
};

}  // namespace descent
