#pragma once

#include "algorithms/strategies/strategy.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// When a parameter server updates, and when a worker goes on (Dutta et al. 2018, Slow and stale gradients can win the
/// race; Ho et al. 2013; Chen et al. 2016, Revisiting distributed synchronous SGD).
struct Consistency {
  static constexpr std::uint64_t unbounded = std::numeric_limits<std::uint64_t>::max();

  /// When the server answers a push, with its newest parameters.
  enum class Answer {
    /// With the next update, or when it has dropped the gradient.
    with_update,
    /// When the worker is at most `bound` rounds ahead of the slowest.
    within_bound,
    at_once,
    /// Not at all: the worker takes its next batch on the parameters that it has.
    none,
  };

  /// K: so many gradients make an update, along their mean.
  std::size_t gradients = 1;
  /// They come from distinct workers.
  bool distinct = false;
  /// Only gradients of the newest parameters count; others are dropped.
  bool synchronous = false;
  Answer answer = Answer::with_update;
  /// An update goes to all workers, and they drop what they are at.
  bool restarts = false;
  std::uint64_t bound = 0;
  /// Within the bound a worker goes on, without an answer, on the parameters that it has read, until the slowest
  /// worker's round that was in them is more than `bound` behind its own.
  bool reads_when_stale = false;
  /// A gradient weighs 1/P, and P of them are one step of the learning-rate schedule.
  bool shares_step = false;

  /// What becomes of a gradient that is τ updates old. It weighs 1/(1 + τ)ᵖ;
  double scaling = 0;
  /// it is g + λ g⊙g⊙(x_now − x_read);
  double compensation = 0;
  /// and where τ is larger than this, it is dropped.
  std::uint64_t oldest = unbounded;

  /// Bytes of the buckets in which gradients are pushed while the backward pass goes on.
  std::optional<double> bucket_bytes = {};

  bool corrects() const { return scaling > 0 || compensation > 0; }
};

std::vector<Parameter> consistency_parameters();
/// What does not fit together; `cast` is nullptr where the ranks are not known yet.
std::vector<std::string> consistency_faults(const Settings& settings, const Cast* cast);
/// Precondition: there are no faults.
Consistency consistency_of(const Settings& settings, const Cast& cast);

}  // namespace descent
