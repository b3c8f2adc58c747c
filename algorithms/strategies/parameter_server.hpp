#pragma once

#include "algorithms/strategies/strategy.hpp"

#include <cstdint>
#include <limits>

namespace descent {

/// How a parameter server keeps its workers together.
struct Consistency {
  static constexpr std::uint64_t unbounded = std::numeric_limits<std::uint64_t>::max();

  /// True: all P gradients of a round make one update. False: every gradient makes one.
  bool by_round = true;
  /// A worker goes on when it is at most so many rounds ahead of the slowest.
  std::uint64_t bound = 0;
  /// True: P gradients, each of weight 1/P, are one step of the learning-rate schedule. False: each is one.
  bool shares_step = false;
};

/// Parameters sharded over S servers; workers push gradients and are answered with parameters (Li et al. 2014).
/// - `bsp`: the server updates with the mean of all P gradients of a round (Valiant 1990).
/// - `asp`: it updates with every gradient as it comes, and answers at once (Dean et al. 2012).
/// - `ssp`: as `asp`, with each gradient weighing 1/P, but a worker waits while it is more than `bound` rounds
///   ahead of the slowest (Ho et al. 2013).
/// The first server leads: its updates are the run's iterations, and it decides when to stop.
class ParameterServer final : public Strategy {
 public:
  ParameterServer(Cast cast, Consistency consistency) : cast_(cast), consistency_(consistency) {}
  void run(Communicator& communicator, Learner& learner) const override;
  double vectors(std::size_t slots) const override;

 private:
  void work(Communicator& communicator, Learner& learner) const;

  Cast cast_;
  Consistency consistency_;
};

}  // namespace descent
