#pragma once

#include "algorithms/collectives/sum_terms.hpp"
#include "algorithms/math/vector.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

namespace descent {

/// The order in which an allreduce adds, read off its schedule once: forms the sum of all ranks' vectors where all of
/// them are at hand, with the very additions, and so the bits, that the messages would have brought about.
class SumOrder {
 public:
  SumOrder(const Schedule& schedule, int ranks);

  /// Elements [begin, end) of the sum. `addends`: one of equal size for each rank. Thread-safe.
  void add(std::span<const Snapshot> addends, std::size_t begin, std::size_t end, Buffer& sum) const;

  /// A step of a postfix program on a stack of partial sums: a rank's vector is pushed, or added to the top; or the top
  /// is added to the one below.
  struct Step {
    enum What : std::uint32_t { push, add, merge };
    Step(What does, std::size_t of) : what(does), rank(static_cast<std::uint32_t>(of) & 0x3FFFFFFFU) {}
    std::uint32_t what : 2;
    std::uint32_t rank : 30;
  };
  /// What forms a section. Those whose ranks differ by a shift only share the steps.
  struct Program {
    std::span<const Step> steps;
    std::uint32_t turn;
    std::uint32_t ranks;

    std::uint32_t rank_of(const Step& step) const {
      const std::uint32_t rank = step.rank + turn;
      return rank < ranks ? rank : rank - ranks;
    }
  };
  /// Stretches of the vector, each of which is added up in an order of its own.
  std::size_t sections() const { return sections_.size(); }
  /// The elements of one, of a vector of `size`.
  Part part(std::size_t section, std::size_t size) const;
  std::size_t ranks() const { return ranks_; }
  /// Partial sums that a program has on its stack at most.
  std::size_t depth() const { return depth_; }
  Program program(std::size_t section) const;

  /// Ranks in an order in which their vectors can be shown to all sections one at a time, so that each section finds
  /// those it waits for: often where a schedule adds chunks in different orders, as a ring, which takes two rounds of
  /// the ranks; else each once. Thread-safe.
  const std::vector<std::uint32_t>& visits() const;

 private:
  struct Steps {
    std::size_t begin;
    std::size_t end;
  };

  void append(SumTerm sum, const SumTerms& terms);
  template <class Real>
  void add_range(std::span<const Snapshot> addends, Part range, Buffer& sum) const;

  std::uint32_t ranks_;
  std::size_t depth_ = 0;
  std::size_t chunks_;
  std::vector<SumSection> sections_;
  std::vector<Step> steps_;
  /// By the node of a section's sum.
  std::map<std::uint32_t, Steps> programs_;
  mutable std::once_flag planned_;
  mutable std::vector<std::uint32_t> visits_;
};

}  // namespace descent
