#pragma once

#include "algorithms/strategies/consistency.hpp"

namespace descent {

/// Parameters sharded over S servers; workers push gradients and are answered with parameters (Li et al. 2014). When
/// servers update, and workers go on, is their consistency. The first server leads: its updates are the run's
/// iterations, and it decides when to stop.
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
