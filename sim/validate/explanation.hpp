#pragma once

#include "sim/validate/comparison.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace descent {

/// Errors of the time per iteration beyond this are explained.
inline constexpr double kExplainedError = 0.02;

/// Which phase of an iteration deviates, the largest deviation first: "ring: predicted 5.0 % too short (24 ms measured,
/// 22.8 ms predicted an iteration): communication 12 ms measured, 10.9 ms predicted; idle …". Times of ranks' mean.
/// Nothing where the error is within kExplainedError.
std::optional<std::string> explain(const Comparison& comparison);

/// Errors of the time per iteration over scenarios, without their signs.
struct ErrorSummary {
  double mean = 0;
  double worst = 0;
  std::string worst_scenario;
};
/// Nothing where no scenario has one.
std::optional<ErrorSummary> summarize_errors(std::span<const Comparison> comparisons);

/// Of all scenarios, the largest error first.
std::vector<std::string> explain_errors(std::span<const Comparison> comparisons);

}  // namespace descent
