#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/strategies/learner.hpp"

#include <memory>
#include <string>
#include <vector>

namespace descent {

/// What moves the parameters along the average of the differences Δ = x − xₖ of workers that have taken steps of their
/// own:
/// - `average`: x ← x − mean Δ, the mean of the workers;
/// - `slowmo`: u ← βu + mean Δ/γ; x ← x − αγu, γ the learning rate of the round's first step (Wang et al. 2020, SlowMo,
///   eq. 2 and 3);
/// - `nesterov`: Nesterov's momentum on mean Δ as the gradient, at the outer rate; with adamw inside, DiLoCo (Douillard
///   et al. 2023, algorithm 1).
class OuterRule {
 public:
  /// Precondition: there are no faults.
  explicit OuterRule(const Settings& settings);

  const Optimizer& optimizer() const { return *optimizer_; }
  /// As it moves along the sum of so many differences, where the round's first step was at this learning rate.
  Learner::Rule along_sum(int differences, double learning_rate) const;

 private:
  bool slow_momentum_;
  std::shared_ptr<const Optimizer> optimizer_;
  double rate_ = 1;
};

std::vector<Parameter> outer_rule_parameters();
/// What does not fit together.
std::vector<std::string> outer_rule_faults(const Settings& settings);

}  // namespace descent
