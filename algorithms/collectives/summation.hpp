#pragma once

#include "algorithms/collectives/schedule.hpp"
#include "algorithms/math/vector.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace descent {

/// The order in which an allreduce adds, read off its schedule once: forms the sum of all ranks' vectors where all of
/// them are at hand, with the very additions, and so the bits, that the messages would have brought about.
class SumOrder {
 public:
  SumOrder(const Schedule& schedule, int ranks);

  /// Elements [begin, end) of the sum. `addends`: one of equal size for each rank. Thread-safe.
  void add(std::span<const Snapshot> addends, std::size_t begin, std::size_t end, Buffer& sum) const;

 private:
  /// A postfix program on a stack of partial sums: a rank's vector is pushed, or added to the top; or the top is added
  /// to the one below.
  struct Step {
    enum What : std::uint32_t { push, add, merge };
    Step(What does, std::size_t of) : what(does), rank(static_cast<std::uint32_t>(of) & 0x3FFFFFFFU) {}
    // Four bytes: a ring over P ranks has P² of them.
    std::uint32_t what : 2;
    std::uint32_t rank : 30;
  };

  void append(std::size_t node, std::span<const std::pair<std::uint32_t, std::uint32_t>> sums, std::size_t ranks);
  template <class Real>
  void add_block(std::span<const Step> steps, std::span<const Snapshot> addends, Part where, Buffer& sum) const;

  /// Steps of chunk c: [first_[c], first_[c + 1]).
  std::vector<Step> steps_;
  std::vector<std::size_t> first_;
};

}  // namespace descent
