#pragma once

#include "algorithms/math/vector.hpp"

#include <cstdint>
#include <vector>

namespace descent {

/// What an optimizer carries from update to update, apart from its hyper-parameters. Immutable snapshots, so
/// replicas can share it; all vectors have the same length, which may be a part of the whole.
struct OptimizerState {
  Snapshot parameters;
  /// Velocity, moments, …: as many as Optimizer::slots(), zero at the start.
  std::vector<Snapshot> slots;
  /// Updates applied so far.
  std::uint64_t updates = 0;
};

/// An update rule. Elementwise ones apply to any part of a vector alike.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  virtual std::size_t slots() const = 0;
  /// Floating-point operations per parameter of one update.
  virtual double flops_per_parameter() const = 0;
  /// The state after one step along `factor` times `gradient` (same length as the parameters) with this learning rate.
  /// Reuses the state's memory where nobody else holds it.
  OptimizerState update(OptimizerState state, const Snapshot& gradient, double learning_rate, double factor = 1) const;

  OptimizerState initial(Snapshot parameters) const;

 private:
  /// `state.updates` counts this update already.
  virtual OptimizerState do_update(OptimizerState state, const Snapshot& gradient, double learning_rate,
                                   double factor) const = 0;
};

/// Learning rate against steps: value = factor(t) · the optimizer's learning rate.
class LearningRateSchedule {
 public:
  virtual ~LearningRateSchedule() = default;
  /// `step` counts from 0.
  virtual double factor(std::uint64_t step) const = 0;
};

}  // namespace descent
