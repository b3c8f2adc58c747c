#pragma once

#include "algorithms/collectives/schedule.hpp"

#include <memory>
#include <span>
#include <vector>

namespace descent {

/// For several ranks on a node (Karonis et al. 2000): the first rank of each node leads it. Binomial reduce to the
/// leaders inside nodes, an allreduce between leaders, binomial broadcast from them. With at most M ranks on a node:
/// 2⌈log₂M⌉ rounds of n bytes inside, and those of the allreduce; the leaders send most: n⌈log₂M⌉ bytes and the
/// allreduce's.
class TwoLevelSchedule final : public Schedule {
 public:
  /// Makes the schedule between so many leaders.
  using Between = std::unique_ptr<Schedule> (*)(int leaders);

  /// `nodes`: of each rank, any number that ranks of its node share.
  TwoLevelSchedule(std::span<const int> nodes, Between between);

  std::size_t rounds() const override { return 2 * inside_ + between_->rounds(); }
  std::size_t chunks() const override { return between_->chunks(); }
  void at(std::size_t round, int rank, RoundPart& part) const override;
  std::size_t pattern(std::size_t round) const override;
  bool one_order() const override { return between_->one_order(); }
  std::optional<std::size_t> meeting() const override;
  ChunkRange owned(int rank) const override;

 private:
  /// Where a rank is: its node, by leader, and which of the node's ranks it is.
  struct Place {
    std::size_t node;
    int index;
  };

  void at_inside(std::size_t round, bool reducing, int rank, RoundPart& part) const;
  void at_between(std::size_t round, int rank, RoundPart& part) const;

  std::vector<Place> places_;
  /// Ranks of each node, its leader first.
  std::vector<std::vector<int>> nodes_;
  std::unique_ptr<Schedule> between_;
  std::size_t patterns_between_ = 0;
  /// Rounds inside nodes, one way.
  std::size_t inside_ = 0;
};

}  // namespace descent
