#include "sim/disturbance/slowdown.hpp"

#include "algorithms/core/error.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

SlowdownSettings exponential(double mean) {
  SlowdownSettings settings;
  settings.distribution = "exponential";
  settings.mean = mean;
  return settings;
}

SlowdownSettings log_normal(double mean, double sigma) {
  SlowdownSettings settings;
  settings.distribution = "log-normal";
  settings.mean = mean;
  settings.sigma = sigma;
  return settings;
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments(const Slowdown& slowdown) {
  constexpr std::uint64_t kSteps = 200000;
  Moments result;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    const double factor = slowdown(step);
    result.mean += factor / kSteps;
    result.variance += factor * factor / kSteps;
  }
  result.variance -= result.mean * result.mean;
  return result;
}

TEST(Slowdown, ExponentialHasItsMeanAndVariance) {
  const Moments drawn = moments(Slowdown({exponential(2)}, 1, 0));
  EXPECT_NEAR(drawn.mean, 2, 6 * 2 / std::sqrt(200000));
  EXPECT_NEAR(drawn.variance, 4, 0.15);
}

TEST(Slowdown, LogNormalHasItsMeanAndVariance) {
  const Moments drawn = moments(Slowdown({log_normal(1.5, 0.5)}, 1, 0));
  const double variance = 1.5 * 1.5 * (std::exp(0.25) - 1);
  EXPECT_NEAR(drawn.mean, 1.5, 6 * std::sqrt(variance / 200000));
  EXPECT_NEAR(drawn.variance, variance, 0.04 * variance);
}

TEST(Slowdown, SeveralAreDrawnFromOneStreamAndMultiplied) {
  const Slowdown both({exponential(2), exponential(3)}, 5, 1);
  const Slowdown first({exponential(2)}, 5, 1);
  const Slowdown second({exponential(3)}, 5, 1);
  EXPECT_NEAR(moments(both).mean, 6, 0.2);
  // The second is not drawn from the beginning of the stream, where it would be one and a half times the first.
  EXPECT_NE(both(7), first(7) * second(7));
}

TEST(Slowdown, DependsOnSeedRankAndStepAlone) {
  const Slowdown slowdown({exponential(1)}, 3, 2);
  const double drawn = slowdown(10);
  EXPECT_EQ(slowdown(11), slowdown(11));
  EXPECT_EQ(slowdown(10), drawn);
  EXPECT_EQ(Slowdown({exponential(1)}, 3, 2)(10), drawn);
  EXPECT_NE(Slowdown({exponential(1)}, 4, 2)(10), drawn);
  EXPECT_NE(Slowdown({exponential(1)}, 3, 1)(10), drawn);
  EXPECT_NE(slowdown(11), drawn);
}

TEST(Slowdown, OnlyTrainingStepsAreSlowed) {
  EXPECT_EQ(Slowdown({exponential(5)}, 1, 0)(std::nullopt), 1);
  EXPECT_EQ(Slowdown({}, 1, 0)(3), 1);
}

TEST(Slowdown, UnknownDistributionIsAnInputError) {
  SlowdownSettings settings;
  settings.distribution = "pareto";
  EXPECT_THROW(Slowdown({settings}, 1, 0), InputError);
}

}  // namespace
}  // namespace descent
