#pragma once

#include "algorithms/recovery/checkpoints.hpp"
#include "algorithms/recovery/update_log.hpp"
#include "algorithms/strategies/learner.hpp"
#include "algorithms/strategies/progress_report.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace descent {

/// A server's shard of the parameters, as the optimizer's rule moves it. With checkpoints every update is in durable
/// memory before anybody can hear of it, so that a next life of the server knows all that workers know.
class DurableShard {
 public:
  /// `updates_per_step`: so many updates are one step of the learning-rate schedule.
  DurableShard(Part shard, std::uint64_t updates_per_step, const Recovery& recovery, Communicator& communicator,
               Learner& learner);

  /// In a first life the initial parameters; in a later one what the newest update left, and then `memory` is what was
  /// remembered with it.
  void begin(std::vector<std::uint64_t>& memory);
  /// A step of the optimizer, along the mean of so many gradients. `memory`: what is to be remembered with it.
  void update(Snapshot mean, std::size_t gradients, std::vector<std::uint64_t> staleness,
              const std::vector<std::uint64_t>& memory);

  const Part& part() const { return shard_; }
  const Snapshot& parameters() const { return state_.parameters; }
  const ProgressReport& report() const { return report_; }

 private:
  void restore(std::vector<std::uint64_t>& memory);
  void apply(Snapshot mean);

  Part shard_;
  std::uint64_t updates_per_step_;
  const Recovery& recovery_;
  Communicator& communicator_;
  Learner& learner_;
  OptimizerState state_;
  ProgressReport report_;
  Checkpoints checkpoints_;
  UpdateLog log_;
};

}  // namespace descent
