#pragma once

#include "sim/disturbance/charge.hpp"
#include "sim/disturbance/distributions.hpp"
#include "sim/disturbance/trace.hpp"
#include "sim/scenario/scenario.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace descent {

/// A <slowdown> of the scenario, as it meets one rank.
struct RankSlowdown {
  SlowdownSettings settings;
  /// Which of the scenario's it is: what shared draws are known by.
  std::size_t number = 0;
  /// Of distribution="trace": what is replayed, and which column of it is this rank's own, if one is.
  std::shared_ptr<const Trace> trace = nullptr;
  std::optional<std::size_t> column = std::nullopt;
};

/// The random slowdowns of one rank: a training step takes this multiple of its time. Drawn by (seed, rank, step), or
/// by (seed, which slowdown, step) where ranks share a draw, so neither the backend nor the order of steps nor other
/// ranks change what is drawn.
class Slowdown {
 public:
  /// `slowdowns`: those whose hosts include this rank's, in the scenario's order.
  /// Throws InputError when a distribution is not one of those that are known.
  Slowdown(const std::vector<RankSlowdown>& slowdowns, std::uint64_t seed, int rank);

  /// The product of one draw of each, or of the seconds of a trace and the draws of the others. 1 for work that is no
  /// training step.
  Charge operator()(const std::optional<std::uint64_t>& step) const;

 private:
  struct Part {
    Draw draw;
    /// In place of a draw.
    std::optional<Replay> replay;
    bool seconds = false;
    /// The owner of the draws that ranks share.
    std::optional<std::uint64_t> shared;
  };
  static Replay replay(const RankSlowdown& slowdown, std::uint64_t seed, std::uint64_t rank);
  double value(const Part& part, std::uint64_t step, RandomStream& own) const;

  std::vector<Part> parts_;
  std::uint64_t seed_;
  std::uint64_t rank_;
};

}  // namespace descent
