#pragma once

#include "sim/disturbance/distributions.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace descent {

/// Random delays of messages between hosts. The n-th message that a rank begins draws by (seed, rank, n), so that what
/// others send changes nothing.
class Jitter {
 public:
  /// Applies to messages from some ranks to others.
  struct Rule {
    /// Seconds.
    Draw delay;
    // By rank.
    std::vector<bool> from;
    std::vector<bool> to;
  };

  /// `nodes`: of each rank, the number of its host, within which nothing is delayed.
  Jitter(std::vector<Rule> rules, std::vector<int> nodes, std::uint64_t seed);

  bool empty() const { return rules_.empty(); }
  /// Seconds by which the message that `from` begins now is later: one draw of each rule for it. To be asked once for
  /// each message.
  double operator()(int from, int to);

 private:
  std::vector<Rule> rules_;
  std::vector<int> nodes_;
  std::uint64_t seed_;
  /// Messages to other hosts that each rank has begun.
  std::vector<std::uint64_t> begun_;
};

}  // namespace descent
