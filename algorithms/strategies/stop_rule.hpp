#pragma once

#include "algorithms/comm/communicator.hpp"

#include <cstdint>
#include <optional>

namespace descent {

/// How far a run is.
struct Progress {
  /// Global updates.
  std::uint64_t iterations = 0;
  /// Training samples whose gradients have been applied.
  std::uint64_t samples = 0;

  void count(std::uint64_t new_samples) {
    ++iterations;
    samples += new_samples;
  }
};

/// When a run ends: at the first rule that is met, asked before each update by the rank that decides.
struct StopRule {
  std::optional<std::uint64_t> iterations;
  /// Epochs are samples too: a whole epoch is the number of training samples.
  std::optional<std::uint64_t> samples;
  std::optional<double> time_s;
  /// A target loss or accuracy is set: the observer knows when it is met.
  bool target = false;

  /// Rules that every rank can decide alone, because all count the same.
  bool counted_out(const Progress& progress) const {
    return (iterations && progress.iterations >= *iterations) || (samples && progress.samples >= *samples);
  }
  /// True when ranks have to agree, because they do not see the same clock or evaluation.
  bool needs_agreement() const { return time_s || target; }

  /// What the rank raises where ranks have to agree: whether a rule is met, if it is the one that decides. Nothing, on
  /// all ranks, where each decides alone.
  std::optional<bool> flag(bool decides, const Progress& progress, Communicator& communicator) const {
    return needs_agreement() ? std::optional(decides && met(progress, communicator)) : std::nullopt;
  }

  bool met(const Progress& progress, Communicator& communicator) const {
    return counted_out(progress) || (time_s && communicator.now() >= *time_s) ||
           (target && communicator.observer().target_met());
  }
};

}  // namespace descent
