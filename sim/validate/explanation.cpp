#include "sim/validate/explanation.hpp"

#include "algorithms/core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace descent {
namespace {

struct Phase {
  std::string_view name;
  double measured_s;
  double predicted_s;

  double deviation() const { return std::abs(predicted_s - measured_s); }
};

std::vector<Phase> phases_of(const Comparison& comparison) {
  std::vector<Phase> phases;
  for (const auto& [name, quantity] : {std::pair<std::string_view, std::string_view>{"compute", "compute_s"},
                                       {"communication", "communication_s"},
                                       {"idle", "idle_s"}}) {
    const Compared& time = comparison.at(quantity);
    if (time.measured && time.predicted) {
      phases.push_back({name, time.measured->median, *time.predicted});
    }
  }
  std::stable_sort(phases.begin(), phases.end(),
                   [](const Phase& a, const Phase& b) { return a.deviation() > b.deviation(); });
  return phases;
}

/// The error of the time per iteration, without its sign; nothing of a scenario that failed.
std::optional<double> error_of(const Comparison& comparison) {
  if (!comparison.failure.empty() || !comparison.at("iteration_time_s").error) {
    return std::nullopt;
  }
  return std::abs(*comparison.at("iteration_time_s").error);
}

}  // namespace

std::optional<std::string> explain(const Comparison& comparison) {
  const std::optional<double> error = error_of(comparison);
  if (!error || *error <= kExplainedError) {
    return std::nullopt;
  }
  const Compared& iteration = comparison.at("iteration_time_s");
  std::string text = fmt::format("{}: predicted {:.1f} % too {} ({} measured, {} predicted an iteration)",
                                 comparison.scenario, 100 * *error, *iteration.error < 0 ? "short" : "long",
                                 format_seconds(iteration.measured->median), format_seconds(*iteration.predicted));
  const char* separator = ": ";
  for (const Phase& phase : phases_of(comparison)) {
    text += fmt::format("{}{} {} measured, {} predicted", separator, phase.name, format_seconds(phase.measured_s),
                        format_seconds(phase.predicted_s));
    separator = "; ";
  }
  return text;
}

std::optional<ErrorSummary> summarize_errors(std::span<const Comparison> comparisons) {
  ErrorSummary summary;
  double sum = 0;
  std::size_t count = 0;
  for (const Comparison& comparison : comparisons) {
    const std::optional<double> error = error_of(comparison);
    if (!error) {
      continue;
    }
    sum += *error;
    if (count++ == 0 || *error > summary.worst) {
      summary.worst = *error;
      summary.worst_scenario = comparison.scenario;
    }
  }
  if (count == 0) {
    return std::nullopt;
  }
  summary.mean = sum / static_cast<double>(count);
  return summary;
}

std::vector<std::string> explain_errors(std::span<const Comparison> comparisons) {
  std::vector<const Comparison*> ordered;
  for (const Comparison& comparison : comparisons) {
    ordered.push_back(&comparison);
  }
  std::stable_sort(ordered.begin(), ordered.end(), [](const Comparison* a, const Comparison* b) {
    return error_of(*a).value_or(0) > error_of(*b).value_or(0);
  });
  std::vector<std::string> explanations;
  for (const Comparison* comparison : ordered) {
    if (auto explanation = explain(*comparison)) {
      explanations.push_back(*std::move(explanation));
    }
  }
  return explanations;
}

}  // namespace descent
