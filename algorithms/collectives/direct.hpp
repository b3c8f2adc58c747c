#pragma once

#include "algorithms/collectives/schedule.hpp"

namespace descent {

/// Everybody sends each other rank its chunk, which adds it up and sends the sum to all: 2 rounds of P−1 messages of
/// n/P bytes a rank, all at once. Reduce-scatter and all-gather by pairwise exchange (Thakur, Rabenseifner & Gropp
/// 2005) without waiting in between. Rank r adds to its own those of ranks r + 1, r + 2, …
class DirectSchedule final : public Schedule {
 public:
  explicit DirectSchedule(int ranks) : ranks_(ranks) {}

  std::size_t rounds() const override { return ranks_ > 1 ? 2 : 0; }
  std::size_t chunks() const override { return static_cast<std::size_t>(ranks_); }
  void at(std::size_t round, int rank, RoundPart& part) const override;
  bool cyclic() const override { return true; }
  std::optional<std::size_t> meeting() const override { return rounds() / 2; }
  ChunkRange owned(int rank) const override { return {static_cast<std::size_t>(rank)}; }

 private:
  int ranks_;
};

}  // namespace descent
