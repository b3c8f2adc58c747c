#pragma once

#include "algorithms/collectives/schedule.hpp"

namespace descent {

/// Rabenseifner's allreduce (Thakur, Rabenseifner & Gropp 2005): pairs at distance P/2, P/4, …, 1 exchange halves of
/// what is left to them and add; then the same pairs in reverse exchange sums. 2 log₂P rounds, 2n(P−1)/P bytes a rank.
///
/// Where P is no power of two, let C be the largest one below. Each rank beyond C adds its vector to a partner's
/// before, and is told the sum after: two rounds more, and n bytes more for its partner, the rank that sends most.
class HalvingDoublingSchedule final : public Schedule {
 public:
  /// `shares`: when the halves meet, ranks beyond C get half of what their partners own, so that every rank owns a
  /// part; which takes two rounds more that an allreduce has no use for.
  HalvingDoublingSchedule(int ranks, bool shares);

  std::size_t rounds() const override { return 2 * half(); }
  std::size_t chunks() const override { return core() * chunks_each_; }
  void at(std::size_t round, int rank, RoundPart& part) const override;
  std::size_t pattern(std::size_t round) const override;
  /// Additions are the same for all chunks, up to which side comes first.
  bool one_order() const override { return true; }
  std::optional<std::size_t> meeting() const override { return half(); }
  ChunkRange owned(int rank) const override;

 private:
  std::size_t core() const { return static_cast<std::size_t>(core_); }
  /// Rounds of one half.
  std::size_t half() const { return static_cast<std::size_t>(halvings_) + (extra_ > 0 ? 1 : 0) + (shares_ ? 1 : 0); }
  /// Chunks of the core ranks [first, first + count), of which each has an equal part.
  ChunkRange of_core(int first, int count) const {
    return {static_cast<std::size_t>(first) * chunks_each_, static_cast<std::size_t>(count) * chunks_each_};
  }
  void between_extra_and_partner(int rank, bool to_partner, ChunkRange chunks, Reception::Then then,
                                 RoundPart& part) const;

  int halvings_;
  /// C.
  int core_;
  int extra_;
  bool shares_;
  /// Of each rank of the core.
  std::size_t chunks_each_;
};

}  // namespace descent
