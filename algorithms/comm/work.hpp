#pragma once

#include <cstdint>
#include <optional>

namespace descent {

/// What a computation does. Kinds differ in the flop/s that they reach on the same processor.
enum class WorkKind {
  gradient,
  /// An optimizer's step.
  update,
  /// Sums and differences of vectors, and whatever else is none of the others.
  combination,
  /// A collective adds what it has received. Takes no time, unless it is known how long it takes on this host.
  reduction
};

/// What the modelled processor is charged for a task.
struct Work {
  double flops = 0;
  /// The training step that this is, counted by the rank: random slowdowns apply to training steps, and
  /// are drawn by (rank, step). Nothing for other work, such as an update.
  std::optional<std::uint64_t> step = std::nullopt;
  /// Which part of the step it is, where that is computed in pieces.
  double share = 1;
  WorkKind kind = WorkKind::combination;
};

}  // namespace descent
