#include "sim/validate/comparison.hpp"

#include "sim/validate/quantities.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>

namespace descent {
namespace {

using nlohmann::json;

Compared compare_quantity(const Quantity& quantity, const RunOutcome& predicted, std::span<const RunOutcome> measured) {
  Compared compared{quantity.name, quantity.unit};
  compared.predicted = quantity.of(predicted.summary);
  std::vector<double> values;
  for (const RunOutcome& run : measured) {
    if (const std::optional<double> value = quantity.of(run.summary)) {
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
  const json::json_pointer histogram("/staleness/histogram");
  std::vector<double> distances;
  for (const RunOutcome& run : measured) {
    if (const auto distance = total_variation(predicted.summary.value(histogram, json::object()),
                                              run.summary.value(histogram, json::object()))) {
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

std::string digest_of(const RunOutcome& run) {
  const auto digest = run.summary.find("parameters_digest");
  return digest != run.summary.end() && digest->is_string() ? digest->get<std::string>() : "";
}

Compared digest_difference(const RunOutcome& predicted, std::span<const RunOutcome> measured) {
  Compared compared{"digest_difference", ""};
  const std::string digest = digest_of(predicted);
  if (!digest.empty()) {
    const auto others = std::count_if(measured.begin(), measured.end(),
                                      [&](const RunOutcome& run) { return digest_of(run) != digest; });
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

std::map<std::string, double> shares_of(const json& histogram) {
  std::map<std::string, double> shares;
  double sum = 0;
  for (const auto& [value, count] : histogram.items()) {
    sum += count.get<double>();
    shares[value] = count.get<double>();
  }
  for (auto& [value, share] : shares) {
    share /= sum;
  }
  return shares;
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
  comparison.strategy = predicted.summary.at("strategy");
  std::set<std::string> hosts;
  for (const json& rank : predicted.summary.at("per_rank")) {
    hosts.insert(rank.at("host").get<std::string>());
  }
  comparison.ranks = predicted.summary.at("ranks");
  comparison.hosts = hosts.size();
  for (const Quantity& quantity : quantities()) {
    comparison.quantities.push_back(compare_quantity(quantity, predicted, measured));
  }
  comparison.quantities.push_back(staleness_distance(predicted, measured));
  comparison.quantities.push_back(largest_loss_difference(predicted, measured));
  comparison.quantities.push_back(digest_difference(predicted, measured));
  comparison.digests = digests_of(comparison.quantities.back(), predicted.summary.at("race_free"));
  return comparison;
}

std::optional<double> total_variation(const json& one, const json& other) {
  if (one.empty() || other.empty()) {
    return std::nullopt;
  }
  std::map<std::string, double> difference = shares_of(one);
  for (const auto& [value, share] : shares_of(other)) {
    difference[value] -= share;
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
