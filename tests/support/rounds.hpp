#pragma once

#include "tests/support/distributions.hpp"
#include "tests/support/program.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

namespace descent::test {

struct Sample {
  double mean = 0;
  /// Half of the 99.9 % confidence interval of the mean, from the measured variance.
  double half_width = 0;
  std::size_t count = 0;
};

/// A run in which a mini-batch takes a second times a random multiple, and all else takes no time.
inline Results run_stragglers(const std::string& words) {
  return results_of(source_path("tests/integration/stragglers.xml") + " " + words);
}

/// Of each update, with every one observed.
inline std::vector<double> durations(const Results& results) {
  std::vector<double> times = results.metrics.at("time_s");
  std::adjacent_difference(times.begin(), times.end(), times.begin());
  times.erase(times.begin());
  return times;
}

inline Sample sample_of(const std::vector<double>& values) {
  Sample sample;
  sample.count = values.size();
  const auto n = static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) {
    sample.mean += value / n;
    squares += value * value / n;
  }
  sample.half_width = kQuantile * std::sqrt((squares - sample.mean * sample.mean) / n);
  return sample;
}

/// The first so many hosts work.
inline std::string workers(int count) {
  return "--set \"//role[@name='worker']/@hosts=node-[0-" + std::to_string(count - 1) + "]\" ";
}

/// P(at least k of `count` happen), each with this probability.
inline double at_least(int k, int count, double probability) {
  double sum = 0;
  for (int i = k; i <= count; ++i) {
    const double ways = std::exp(std::lgamma(count + 1) - std::lgamma(i + 1) - std::lgamma(count - i + 1));
    sum += ways * std::pow(probability, i) * std::pow(1 - probability, count - i);
  }
  return sum;
}

/// E[k-th of `count` draws] = ∫₀^∞ 1 − P(at least k draws are below x) dx, by the trapezoidal rule on a grid far finer
/// than the tolerance. `distribution`: P(X <= x), next to 1 at 60.
inline double expected_order_statistic(int k, int count, const std::function<double(double)>& distribution) {
  constexpr double kStep = 1e-4;
  constexpr double kEnd = 60;
  double integral = -0.5 * kStep;  // half of the first term, which is 1
  for (double x = 0; x < kEnd; x += kStep) {
    const double below = distribution(x);
    integral += kStep * (k == count ? 1 - std::pow(below, count) : 1 - at_least(k, count, below));
  }
  return integral;
}

}  // namespace descent::test
