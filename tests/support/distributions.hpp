#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace descent::test {

/// Two-sided 99.9 % quantile of the normal distribution.
constexpr double kQuantile = 3.2905;

/// A distribution of step times, as a scenario chooses it and as theory knows it.
struct KnownDistribution {
  std::string name;
  std::map<std::string, std::string> parameters;
  /// P(X <= x).
  std::function<double(double)> below;
  double mean = 1;
  /// Infinite where it is.
  double variance = 0;
  /// P(X <= x) has no jumps.
  bool continuous = true;

  /// `<slowdown distribution="…" …/>`
  std::string element() const {
    std::string text = "<slowdown distribution=\"" + name + "\"";
    for (const auto& [key, value] : parameters) {
      text += " " + key + "=\"" + value + "\"";
    }
    return text + "/>";
  }
};

/// Each distribution that is drawn, once or more.
inline std::vector<KnownDistribution> known_distributions() {
  const auto step = [](double at) { return [at](double x) { return x >= at ? 1.0 : 0.0; }; };
  const auto from = [](double least, auto rest) { return [=](double x) { return x <= least ? 0.0 : rest(x); }; };
  std::vector<KnownDistribution> all;
  all.push_back({"constant", {{"factor", "1.5"}}, step(1.5), 1.5, 0, false});
  all.push_back({"exponential", {{"mean", "2"}}, from(0, [](double x) { return 1 - std::exp(-x / 2); }), 2, 4});
  all.push_back({"shifted-exponential",
                 {{"mean", "1"}, {"shift", "0.75"}},
                 from(0.75, [](double x) { return 1 - std::exp(-(x - 0.75) / 0.25); }),
                 1,
                 0.0625});
  all.push_back(
      {"log-normal",
       {{"mean", "1.5"}, {"sigma", "0.5"}},
       from(0, [](double x) { return 0.5 * std::erfc(-(std::log(x / 1.5) + 0.125) / (0.5 * std::sqrt(2.0))); }),
       1.5,
       1.5 * 1.5 * (std::exp(0.25) - 1)});
  // Scale 2/3 and 1/6: variances scale² shape / ((shape − 1)² (shape − 2)), and infinite.
  all.push_back({"pareto",
                 {{"mean", "1"}, {"shape", "3"}},
                 from(2.0 / 3, [](double x) { return 1 - std::pow(2.0 / 3 / x, 3); }),
                 1,
                 1.0 / 3});
  all.push_back({"pareto",
                 {{"mean", "1"}, {"shape", "1.2"}},
                 from(1.0 / 6, [](double x) { return 1 - std::pow(1.0 / 6 / x, 1.2); }),
                 1,
                 std::numeric_limits<double>::infinity()});
  for (const char* text : {"0.7", "2"}) {
    const double shape = std::stod(text);
    const double scale = 1 / std::tgamma(1 + 1 / shape);
    all.push_back({"weibull",
                   {{"mean", "1"}, {"shape", text}},
                   from(0, [=](double x) { return 1 - std::exp(-std::pow(x / scale, shape)); }),
                   1,
                   scale * scale * std::tgamma(1 + 2 / shape) - 1});
  }
  all.push_back({"bimodal",
                 {{"probability", "0.2"}, {"factor", "5"}},
                 [](double x) { return x < 1   ? 0
                                       : x < 5 ? 0.8
                                               : 1; },
                 1.8,
                 0.16 * 16,
                 false});
  return all;
}

inline std::string name_of(const KnownDistribution& distribution) {
  std::string name = distribution.name;
  for (const auto& [key, value] : distribution.parameters) {
    name += "_" + key + value;
  }
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

}  // namespace descent::test
