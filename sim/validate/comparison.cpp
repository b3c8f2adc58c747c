#include "sim/validate/comparison.hpp"

#include "sim/validate/quantities.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace descent {
namespace {

/// `index`: of quantities().
Compared compare_quantity(std::size_t index, const RunOutcome& predicted, std::span<const RunOutcome> measured) {
  Compared compared{quantities()[index].name, quantities()[index].unit};
  compared.predicted = predicted.quantities[index];
  std::vector<double> values;
  for (const RunOutcome& run : measured) {
    if (const std::optional<double> value = run.quantities[index]) {
      values.push_back(*value);
    }
  }
  // A target that some repeats have not met has no time.
  if (values.size() < measured.size()) {
    return compared;
  }
  compared.measured = spread_of(std::move(values));
  const double median = compared.measured->median;
  if (compared.predicted && *compared.predicted == median) {
    compared.error = 0;
  } else if (compared.predicted && median != 0) {
    compared.error = (*compared.predicted - median) / median;
  }
  return compared;
}

Compared staleness_distance(const RunOutcome& predicted, std::span<const RunOutcome> measured) {
  Compared compared{"staleness_distance", ""};
  std::vector<double> distances;
  for (const RunOutcome& run : measured) {
    if (const auto distance = total_variation(predicted.staleness, run.staleness)) {
      distances.push_back(*distance);
    }
  }
  if (!distances.empty()) {
    compared.error = spread_of(std::move(distances)).median;
  }
  return compared;
}

Compared largest_loss_difference(const RunOutcome& predicted, std::span<const RunOutcome> measured) {
  Compared compared{"loss_difference", ""};
  for (const RunOutcome& run : measured) {
    if (const std::optional<double> difference = loss_difference(predicted, run)) {
      compared.error = std::max(compared.error.value_or(0), *difference);
    }
  }
  return compared;
}

Compared digest_difference(const RunOutcome& predicted, std::span<const RunOutcome> measured) {
  Compared compared{"digest_difference", ""};
  if (!predicted.digest.empty()) {
    const auto others = std::count_if(measured.begin(), measured.end(),
                                      [&](const RunOutcome& run) { return run.digest != predicted.digest; });
    compared.error = static_cast<double>(others) / static_cast<double>(measured.size());
  }
  return compared;
}

Digests digests_of(const Compared& difference, bool race_free) {
  if (!difference.error) {
    return Digests::none;
  }
  if (*difference.error == 0) {
    return Digests::equal;
  }
  return race_free ? Digests::different : Digests::race;
}

double count_of(const Histogram& histogram) {
  double count = 0;
  for (const auto& [value, number] : histogram) {
    count += static_cast<double>(number);
  }
  return count;
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {median, values.front(), values.back()};
}

const Compared& Comparison::at(std::string_view quantity) const {
  const auto found = std::find_if(quantities.begin(), quantities.end(),
                                  [&](const Compared& compared) { return compared.quantity == quantity; });
  if (found == quantities.end()) {
    throw std::logic_error("no such quantity");
  }
  return *found;
}

Comparison compare(const std::string& scenario, const RunOutcome& predicted, std::span<const RunOutcome> measured) {
  Comparison comparison{scenario};
  comparison.strategy = predicted.strategy;
  comparison.ranks = predicted.ranks;
  comparison.hosts = predicted.hosts;
  for (std::size_t index = 0; index < quantities().size(); ++index) {
    comparison.quantities.push_back(compare_quantity(index, predicted, measured));
  }
  comparison.quantities.push_back(staleness_distance(predicted, measured));
  comparison.quantities.push_back(largest_loss_difference(predicted, measured));
  comparison.quantities.push_back(digest_difference(predicted, measured));
  comparison.digests = digests_of(comparison.quantities.back(), predicted.race_free);
  return comparison;
}

std::optional<double> total_variation(const Histogram& one, const Histogram& other) {
  if (one.empty() || other.empty()) {
    return std::nullopt;
  }
  std::map<std::uint64_t, double> difference;
  for (const auto& [value, number] : one) {
    difference[value] += static_cast<double>(number) / count_of(one);
  }
  for (const auto& [value, number] : other) {
    difference[value] -= static_cast<double>(number) / count_of(other);
  }
  double sum = 0;
  for (const auto& [value, share] : difference) {
    sum += std::abs(share);
  }
  return sum / 2;
}

std::optional<double> loss_difference(const RunOutcome& predicted, const RunOutcome& measured) {
  std::optional<double> largest;
  for (const auto& [iteration, loss] : measured.losses) {
    const auto same = predicted.losses.find(iteration);
    if (same == predicted.losses.end()) {
      continue;
    }
    double difference = std::numeric_limits<double>::infinity();
    if (same->second == loss || (!std::isfinite(loss) && !std::isfinite(same->second))) {
      difference = 0;
    } else if (std::isfinite(loss) && std::isfinite(same->second) && loss != 0) {
      difference = std::abs((same->second - loss) / loss);
    }
    largest = std::max(largest.value_or(0), difference);
  }
  return largest;
}

}  // namespace descent
