#include "sim/disturbance/distributions.hpp"

#include "algorithms/core/error.hpp"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/generate_canonical.hpp>
#include <boost/random/lognormal_distribution.hpp>

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace descent {
namespace {

/// Uniform in [0, 1), with all the bits of a double, because heavy tails are made of the last ones.
double uniform(RandomStream& stream) {
  return boost::random::generate_canonical<double, std::numeric_limits<double>::digits>(stream);
}

double exponential(double mean, RandomStream& stream) {
  return boost::random::exponential_distribution<double>(1 / mean)(stream);
}

Draw make_constant_multiple(const Settings& settings) {
  return [factor = settings.real("factor")](RandomStream& /*stream*/) { return factor; };
}

Draw make_exponential(const Settings& settings) {
  return [mean = settings.quantity("mean")](RandomStream& stream) { return exponential(mean, stream); };
}

Draw make_shifted_exponential(const Settings& settings) {
  const double shift = settings.quantity("shift");
  return [shift, rest = settings.quantity("mean") - shift](RandomStream& stream) {
    return shift + exponential(rest, stream);
  };
}

Draw make_log_normal(const Settings& settings) {
  const double sigma = settings.real("sigma");
  const double mu = std::log(settings.quantity("mean")) - sigma * sigma / 2;
  return [mu, sigma](RandomStream& stream) { return boost::random::lognormal_distribution<double>(mu, sigma)(stream); };
}

/// By inversion of 1 − F(x) = (scale/x)^shape.
Draw make_pareto(const Settings& settings) {
  const double shape = settings.real("shape");
  const double scale = settings.quantity("mean") * (shape - 1) / shape;
  return [scale, shape](RandomStream& stream) { return scale * std::pow(1 - uniform(stream), -1 / shape); };
}

/// By inversion of 1 − F(x) = exp(−(x/scale)^shape).
Draw make_weibull(const Settings& settings) {
  const double shape = settings.real("shape");
  const double scale = settings.quantity("mean") / std::tgamma(1 + 1 / shape);
  return [scale, shape](RandomStream& stream) { return scale * std::pow(-std::log1p(-uniform(stream)), 1 / shape); };
}

Draw make_bimodal(const Settings& settings) {
  return [probability = settings.real("probability"), factor = settings.real("factor")](RandomStream& stream) {
    return uniform(stream) < probability ? factor : 1;
  };
}

std::string fault_of_shift(const Settings& settings) {
  const double shift = settings.quantity("shift");
  const double mean = settings.quantity("mean");
  return shift < mean ? ""
                      : fmt::format("shift={} is not below the mean, {}; allowed: 0 <= shift < mean",
                                    settings.text("shift"), settings.text("mean"));
}

Parameter above(std::string name, double least, std::optional<std::string> fallback, std::string meaning) {
  Parameter parameter;
  parameter.name = std::move(name);
  parameter.type = ParameterType::real;
  parameter.fallback = std::move(fallback);
  parameter.meaning = std::move(meaning);
  parameter.least = least;
  parameter.above = true;
  return parameter;
}

Parameter mean() {
  return above("mean", 0, "1", "mean of what a step's time is multiplied by (no unit)");
}

Parameter at_least_nothing(Parameter parameter) {
  parameter.above = false;
  return parameter;
}

Parameter at_most_one(Parameter parameter) {
  parameter.most = 1;
  return parameter;
}

/// Γ(1 + 1/shape) is finite and a step of the mean's order possible.
constexpr double kLeastWeibullShape = 0.05;

std::vector<DistributionRow> make_rows() {
  return {
      {{"constant",
        "the same for every step",
        "",
        {above("factor", 0, std::nullopt, "what every step's time is multiplied by (no unit)")}},
       make_constant_multiple},
      {{"exponential",
        "F(x) = 1 - exp(-x/mean)",
        "Dutta et al. 2018, Slow and stale gradients can win the race",
        {mean()}},
       make_exponential},
      {{"shifted-exponential",
        "shift + Exp(mean - shift): nothing is below the shift",
        "Lee et al. 2018, Speeding up distributed machine learning using codes, section II",
        {mean(), at_least_nothing(above("shift", 0, std::nullopt, "least of the multiple (no unit), below the mean"))}},
       make_shifted_exponential,
       fault_of_shift},
      {{"log-normal",
        "the logarithm is normal, of mean ln(mean) - sigma^2/2",
        "Johnson, Kotz & Balakrishnan 1994, Continuous univariate distributions 1, chapter 14",
        {mean(), above("sigma", 0, std::nullopt, "standard deviation of the logarithm (no unit)")}},
       make_log_normal},
      {{"pareto",
        "1 - F(x) = (scale/x)^shape for x >= scale = mean (shape - 1)/shape: heavy tail",
        "Johnson, Kotz & Balakrishnan 1994, Continuous univariate distributions 1, chapter 20",
        {mean(),
         above("shape", 1, std::nullopt,
               "exponent of the tail (no unit); the smaller, the heavier, and up to 2 the variance is infinite")}},
       make_pareto},
      {{"weibull",
        "1 - F(x) = exp(-(x/scale)^shape), scale = mean/Gamma(1 + 1/shape)",
        "Weibull 1951, A statistical distribution function of wide applicability",
        {mean(), at_least_nothing(above("shape", kLeastWeibullShape, std::nullopt,
                                        "below 1 the tail is heavier than exponential, above lighter (no unit)"))}},
       make_weibull},
      {{"bimodal",
        "factor with the given probability, else 1",
        "Dean & Barroso 2013, The tail at scale (few slow servers among many)",
        {at_most_one(at_least_nothing(above("probability", 0, std::nullopt, "of a slow step (no unit)"))),
         above("factor", 0, std::nullopt, "what a slow step's time is multiplied by (no unit)")}},
       make_bimodal},
      {{"trace",
        "step times from a CSV file, row by row and from its beginning again",
        "",
        {{"file", ParameterType::path, std::nullopt,
          "numbers > 0, with a header or without: one column for all ranks, each from a row that the seed draws, or a "
          "column for each worker concerned, in the order of ranks, from the first row"},
         {"unit",
          ParameterType::choice,
          "multiple",
          "multiple: of the step's time; seconds: the step's time itself, whatever its flops and the host's speed",
          {},
          {},
          false,
          {"multiple", "seconds"}}}}},
  };
}

std::vector<Entry> make_jitter_entries() {
  std::vector<Entry> entries;
  for (const DistributionRow& row : distribution_rows()) {
    const auto& parameters = row.entry.parameters;
    if (std::none_of(parameters.begin(), parameters.end(), [](const auto& one) { return one.name == "mean"; })) {
      continue;
    }
    Entry& entry = entries.emplace_back(row.entry);
    for (Parameter& parameter : entry.parameters) {
      if (parameter.name == "mean") {
        parameter.type = ParameterType::seconds;
        parameter.fallback.reset();
        parameter.meaning = "mean delay of a message";
      } else if (parameter.name == "shift") {
        parameter.type = ParameterType::seconds;
        parameter.meaning = "least delay of a message, below the mean";
      }
    }
  }
  return entries;
}

}  // namespace

std::span<const DistributionRow> distribution_rows() {
  static const std::vector<DistributionRow> rows = make_rows();
  return rows;
}

const DistributionRow& find_distribution(std::string_view name) {
  for (const DistributionRow& row : distribution_rows()) {
    if (row.entry.name == name) {
      return row;
    }
  }
  throw InputError(fmt::format("there is no distribution '{}'; see `descent list slowdown`", name));
}

std::vector<const Entry*> slowdown_entries() {
  std::vector<const Entry*> all;
  all.reserve(distribution_rows().size());
  for (const DistributionRow& row : distribution_rows()) {
    all.push_back(&row.entry);
  }
  return all;
}

std::vector<const Entry*> jitter_entries() {
  static const std::vector<Entry> entries = make_jitter_entries();
  std::vector<const Entry*> all;
  all.reserve(entries.size());
  for (const Entry& entry : entries) {
    all.push_back(&entry);
  }
  return all;
}

}  // namespace descent
