#pragma once

#include "algorithms/strategies/consistency.hpp"
#include "algorithms/strategies/server_shards.hpp"

namespace descent {

/// Parameters sharded over S servers; workers push gradients and are answered with parameters (Li et al. 2014). When
/// servers update, and workers go on, is their consistency. The first server leads: its updates are the run's
/// iterations, and it decides when to stop.
class ParameterServer final : public Strategy {
 public:
  /// `compressor`: of what workers push; nullptr: it is sent as it is.
  ParameterServer(Cast cast, Consistency consistency, std::shared_ptr<const Compressor> compressor = nullptr,
                  Recovery recovery = {}, ServerShards shards = ServerShards::equal)
      : cast_(cast),
        consistency_(consistency),
        compressor_(std::move(compressor)),
        recovery_(std::move(recovery)),
        shards_(shards) {}
  void run(Communicator& communicator, Learner& learner) const override;
  double vectors(std::size_t slots) const override;
  std::vector<std::string> faults(const Problem& problem) const override;

 private:
  Cast cast_;
  Consistency consistency_;
  std::shared_ptr<const Compressor> compressor_;
  Recovery recovery_;
  ServerShards shards_;
};

}  // namespace descent
