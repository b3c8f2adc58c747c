#pragma once

#include "algorithms/collectives/schedule.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace descent {

/// A sum of ranks' vectors: the sum that `node` stands for, with `turn` added to all of its ranks, modulo their number.
struct SumTerm {
  std::uint32_t node;
  std::uint32_t turn;

  bool operator==(const SumTerm&) const = default;
};

/// Sums by their shape. Two that differ by a shift of all ranks, or by which side of an addition comes first (which
/// makes no difference to the bits), share a node: all chunks of a ring over P ranks together have P nodes.
class SumTerms {
 public:
  explicit SumTerms(std::uint32_t ranks);

  SumTerm rank(std::uint32_t rank) const { return {kLeaf, rank}; }
  SumTerm sum(SumTerm a, SumTerm b);
  SumTerm turned(SumTerm term, std::uint32_t turn) const { return {term.node, (term.turn + turn) % ranks_}; }

  static bool is_rank(SumTerm term) { return term.node == kLeaf; }
  /// Partial sums that forming it takes.
  std::uint32_t need(SumTerm term) const { return needs_[term.node]; }
  /// The two sides of a sum, the one that needs more partial sums first. Precondition: not a rank.
  std::pair<SumTerm, SumTerm> sides(SumTerm sum) const;

 private:
  static constexpr std::uint32_t kLeaf = 0;
  /// The sides of an addition: the nodes of both, and how much further the second is turned.
  using Sides = std::array<std::uint32_t, 3>;

  std::uint32_t ranks_;
  std::vector<Sides> nodes_;
  std::vector<std::uint32_t> needs_;
  std::map<Sides, std::uint32_t> known_;
};

/// Neighbouring chunks that are added up in the same order.
struct SumSection {
  ChunkRange chunks;
  SumTerm term;
};
/// What an allreduce, or its first half, leaves of each chunk: the sum in the order of the schedule.
std::vector<SumSection> sums_of(const Schedule& schedule, int ranks, SumTerms& terms);

}  // namespace descent
