#include "sim/validate/ranking.hpp"

#include <cmath>
#include <stdexcept>

namespace descent {
namespace {

/// −1, 0 or 1.
int order(double one, double other) {
  return static_cast<int>(one < other) - static_cast<int>(other < one);
}

}  // namespace

std::optional<double> kendall_tau(std::span<const double> one, std::span<const double> other) {
  if (one.size() != other.size()) {
    throw std::logic_error("lists of different length");
  }
  double balance = 0;
  double untied = 0;
  double other_untied = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const int here = order(one[i], one[j]);
      const int there = order(other[i], other[j]);
      balance += here * there;
      untied += here * here;
      other_untied += there * there;
    }
  }
  if (untied == 0 || other_untied == 0) {
    return std::nullopt;
  }
  return balance / std::sqrt(untied * other_untied);
}

Ranking rank_by_time_to_target(std::span<const Comparison> comparisons) {
  Ranking ranking;
  std::vector<const Comparison*> reached;
  std::vector<double> predicted;
  std::vector<double> measured;
  for (const Comparison& comparison : comparisons) {
    if (!comparison.failure.empty()) {
      continue;
    }
    const Compared& time = comparison.at("time_to_target_s");
    if (time.predicted && time.measured) {
      reached.push_back(&comparison);
      predicted.push_back(*time.predicted);
      measured.push_back(time.measured->median);
    }
  }
  ranking.scenarios = reached.size();
  ranking.tau = kendall_tau(measured, predicted);
  int balance = 0;
  for (std::size_t i = 0; i < reached.size(); ++i) {
    for (std::size_t j = 0; j < reached.size(); ++j) {
      if (measured[i] >= measured[j]) {
        continue;
      }
      const Spread& faster = *reached[i]->at("time_to_target_s").measured;
      const bool overlap = faster.overlaps(*reached[j]->at("time_to_target_s").measured);
      const int predicted_order = order(predicted[i], predicted[j]);
      if (!overlap) {
        ++ranking.told_apart;
        balance += predicted_order;
      }
      if (predicted_order < 0) {
        ranking.swaps.push_back({reached[i]->scenario, reached[j]->scenario, overlap});
      }
    }
  }
  if (ranking.told_apart > 0) {
    ranking.tau_of_told_apart = balance / static_cast<double>(ranking.told_apart);
  }
  return ranking;
}

}  // namespace descent
