#pragma once

#include "algorithms/collectives/executor.hpp"
#include "algorithms/strategies/learner.hpp"
#include "algorithms/strategies/work_balance.hpp"

#include <cstdint>
#include <optional>

namespace descent {

/// Who does how much of a round where no server says it: replicas sum what they have measured, each at its own place of
/// a vector, so that all divide alike.
class ReplicaBalance {
 public:
  /// `choice` must outlive it.
  ReplicaBalance(const CollectiveChoice& choice, Communicator& communicator, Learner& learner, int workers);

  /// After so many updates, the same on all replicas: divides the next rounds anew if that is due, with an allreduce of
  /// a number for each worker.
  void updated(std::uint64_t updates);

 private:
  /// Beyond the tags of the gradients' collectives.
  static constexpr Tag kMeasurements = 29'000;

  Communicator& communicator_;
  Learner& learner_;
  std::size_t workers_;
  WorkBalance balance_;
  /// Nothing where the division stays.
  std::optional<Collective> measurements_;
};

}  // namespace descent
