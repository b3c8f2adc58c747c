#pragma once

#include "algorithms/collectives/ring.hpp"

namespace descent {

/// Ranks in R rows and C columns, row by row: reduce-scatter around the ring of each row, allreduce of the C-th part
/// that this leaves around the ring of each column, all-gather around rows (Mikami et al. 2018). 2(C−1) rounds of n/C
/// bytes and 2(R−1) of n/P: 2n(P−1)/P bytes a rank.
class TorusSchedule final : public Schedule {
 public:
  /// Precondition: `rows` divides `ranks`.
  TorusSchedule(int ranks, int rows);

  /// The most square one: the largest divisor that is not above the square root.
  static int default_rows(int ranks);

  std::size_t rounds() const override { return along_row_.rounds() + along_column_.rounds(); }
  std::size_t chunks() const override { return along_row_.chunks() * along_column_.chunks(); }
  void at(std::size_t round, int rank, RoundPart& part) const override;
  std::size_t pattern(std::size_t round) const override;
  std::optional<std::size_t> meeting() const override { return rounds() / 2; }
  ChunkRange owned(int rank) const override;

 private:
  bool is_along_column(std::size_t round) const {
    return round >= row_half() && round < row_half() + along_column_.rounds();
  }
  std::size_t row_half() const { return along_row_.rounds() / 2; }

  int columns_;
  /// Among the ranks of a row, whose chunks are blocks of as many as there are rows.
  RingSchedule along_row_;
  /// Among the ranks of a column, which share a block.
  RingSchedule along_column_;
};

}  // namespace descent
