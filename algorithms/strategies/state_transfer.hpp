#pragma once

#include "algorithms/collectives/executor.hpp"
#include "algorithms/strategies/learner.hpp"

#include <cstdint>

namespace descent {

/// A replica's parameters and moments on their way to another replica, which lacks updates.
class StateTransfer {
 public:
  /// All its messages have this tag.
  StateTransfer(Communicator& communicator, const Learner& learner, Tag tag)
      : communicator_(communicator), learner_(learner), tag_(tag) {}

  /// `number`: tells this transfer from those before, which may have been broken off.
  void give(int to, std::uint64_t number, const OptimizerState& state, const Progress& progress);

  struct Taken {
    OptimizerState state;
    Progress progress;
  };
  /// What `from` gives with this number, of so many moments.
  Taken take(int from, std::uint64_t number, std::size_t slots, Watch& watch) const;

 private:
  Communicator& communicator_;
  const Learner& learner_;
  Tag tag_;
};

}  // namespace descent
