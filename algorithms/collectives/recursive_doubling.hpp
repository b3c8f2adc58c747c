#pragma once

#include "algorithms/collectives/schedule.hpp"

namespace descent {

/// Pairs at distance 1, 2, 4, … exchange and add whole vectors: log₂P rounds of n bytes. Where P is no power
/// of two, each rank beyond the largest one adds its vector to a partner's before, and is told the sum after
/// (Thakur, Rabenseifner & Gropp 2005): two rounds more.
class RecursiveDoublingSchedule final : public Schedule {
 public:
  explicit RecursiveDoublingSchedule(int ranks);

  std::size_t rounds() const override;
  std::size_t chunks() const override { return 1; }
  void at(std::size_t round, int rank, RoundPart& part) const override;

 private:
  int doublings_;
  /// The largest power of two that is not above P.
  int core_;
  int extra_;
};

}  // namespace descent
