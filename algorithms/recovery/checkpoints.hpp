#pragma once

#include "algorithms/optimizers/optimizer.hpp"
#include "algorithms/recovery/recovery.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// A rank's parameters and where it is, as they were after an update.
struct Checkpoint {
  OptimizerState state;
  /// Updates, and samples in them.
  std::uint64_t iterations = 0;
  std::uint64_t samples = 0;
  /// Whatever else the rank remembers.
  std::vector<std::uint64_t> memory = {};
};

/// Writes what a rank holds into its durable memory when the scenario says so, and reads it back in a next life. The
/// rank waits while a checkpoint is written.
class Checkpoints {
 public:
  /// `bytes_per_parameter`: of each vector of the state, on the way to durable memory.
  Checkpoints(const Recovery& recovery, Communicator& communicator, double bytes_per_parameter);

  /// The newest that an earlier life has written. Takes the time of reading.
  std::optional<Checkpoint> newest();
  /// After each update: writes one if it is time for it. Whether it did.
  bool offer(const OptimizerState& state, std::uint64_t iterations, std::uint64_t samples,
             const std::vector<std::uint64_t>& memory = {});

 private:
  bool due(std::uint64_t iterations) const;
  void write(const OptimizerState& state, std::uint64_t iterations, std::uint64_t samples,
             const std::vector<std::uint64_t>& memory);

  const Recovery& recovery_;
  Communicator& communicator_;
  double bytes_per_parameter_;
  /// When the last one was written, or the life began.
  double since_;
  std::uint64_t iterations_ = 0;
  /// What the last one took; nothing before the first.
  std::optional<double> cost_;
};

}  // namespace descent
