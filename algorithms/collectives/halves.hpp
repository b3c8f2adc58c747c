#pragma once

#include "algorithms/collectives/schedule.hpp"

#include <memory>
#include <vector>

namespace descent {

/// Half of an allreduce as a schedule of its own. The first half brings the sum of each chunk to its owner; the second
/// brings what each owner has to all.
class HalfSchedule final : public Schedule {
 public:
  enum class Which { first, second };
  /// Precondition: `whole` has halves.
  HalfSchedule(std::shared_ptr<const Schedule> whole, Which which);

  std::size_t rounds() const override { return rounds_; }
  std::size_t chunks() const override { return whole_->chunks(); }
  void at(std::size_t round, int rank, RoundPart& part) const override { whole_->at(first_ + round, rank, part); }
  std::size_t pattern(std::size_t round) const override { return patterns_[whole_->pattern(first_ + round)]; }
  bool cyclic() const override { return whole_->cyclic(); }
  bool one_order() const override { return whole_->one_order(); }
  std::optional<std::size_t> meeting() const override { return *whole_->meeting() - first_; }
  ChunkRange owned(int rank) const override { return whole_->owned(rank); }

 private:
  std::shared_ptr<const Schedule> whole_;
  std::size_t first_;
  std::size_t rounds_;
  /// By the whole's patterns: this half's, in the order in which they come.
  std::vector<std::size_t> patterns_;
};

}  // namespace descent
