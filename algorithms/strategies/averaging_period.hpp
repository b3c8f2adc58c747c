#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/strategies/learner.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace descent {

/// How many local steps workers take between two averages.
struct PeriodRule {
  /// H, or τ₀ where the period adapts.
  std::uint64_t first = 1;
  /// So many steps at the beginning are averaged one by one.
  std::uint64_t post_local = 0;
  /// AdaComm (Wang & Joshi 2019, Adaptive communication strategies) chooses anew after so many local steps; 0: never.
  std::uint64_t adapt_every = 0;
  /// Training samples on which it estimates the loss, the first so many.
  std::size_t adapt_samples = 1000;
};

std::vector<Parameter> period_parameters();
/// Precondition: there are no faults.
PeriodRule period_rule(const Settings& settings);
/// What does not fit together.
std::vector<std::string> period_faults(const Settings& settings);

/// The period during a run; AdaComm makes it τ₀ √(F(x)/F(x₀)), rounded up, where that is less than before, and
/// otherwise half of what it was: long while there is far to go, and in the end one step. Its inputs are the same on
/// all ranks, and so are its choices.
class AveragingPeriod {
 public:
  AveragingPeriod(const PeriodRule& rule, Learner& learner) : rule_(rule), learner_(learner), period_(rule.first) {}

  /// Steps of the round that begins after so many local steps with all workers at `x`. Where it estimates a loss, that
  /// takes its time. Without mathematics it stays as it is.
  std::uint64_t next(std::uint64_t steps, const Snapshot& x);

 private:
  void choose(double loss);

  PeriodRule rule_;
  Learner& learner_;
  std::uint64_t period_;
  double initial_loss_ = 0;
  std::uint64_t next_choice_ = 0;
};

}  // namespace descent
