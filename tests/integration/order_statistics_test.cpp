// Iteration times against the theory of Dutta et al. 2018, "Slow and stale gradients can win the race": with a free
// network and a time X per mini-batch, independent over workers and steps, a round of bsp takes X_{P:P}, the largest of
// P draws, and asp makes P updates per E[X].
#include "tests/support/rounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

using test::durations;
using test::expected_order_statistic;
using test::run_stragglers;
using test::Sample;
using test::sample_of;
using test::workers;

class Stragglers : public ::testing::TestWithParam<int> {};

TEST_P(Stragglers, ARoundOfBspTakesTheLargestOfPExponentialTimes) {
  const int count = GetParam();
  const std::vector<double> rounds = durations(run_stragglers(workers(count)));
  const Sample sample = sample_of(rounds);
  ASSERT_EQ(sample.count, 4000U);
  double expected = 0;
  for (int i = 1; i <= count; ++i) {
    expected += 1.0 / i;
  }
  EXPECT_NEAR(sample.mean, expected, sample.half_width);
  // No wider than what the theory's own variance, Σ 1/i² < π²/6, gives.
  EXPECT_LT(sample.half_width, 0.07);
  // The whole distribution, P(max <= x) = (1 − e^−x)^P, at its expectation.
  const auto below = std::count_if(rounds.begin(), rounds.end(), [&](double time) { return time <= expected; });
  const double probability = std::pow(1 - std::exp(-expected), count);
  EXPECT_NEAR(static_cast<double>(below) / 4000, probability,
              test::kQuantile * std::sqrt(probability * (1 - probability) / 4000));
}

TEST_P(Stragglers, ARoundOfBspTakesTheLargestOfPLogNormalTimes) {
  const int count = GetParam();
  constexpr double kSigma = 0.8;
  const Sample sample = sample_of(durations(run_stragglers(
      workers(count) + "--set '//slowdown=<slowdown distribution=\"log-normal\" mean=\"1\" sigma=\"0.8\"/>'")));
  ASSERT_EQ(sample.count, 4000U);
  // Of mean exp(mu + sigma²/2) = 1.
  const double expected = expected_order_statistic(count, count, [&](double x) {
    return x <= 0 ? 0.0 : 0.5 * std::erfc(-(std::log(x) + kSigma * kSigma / 2) / (kSigma * std::sqrt(2.0)));
  });
  EXPECT_NEAR(sample.mean, expected, sample.half_width);
  EXPECT_LT(sample.half_width, 0.12);
}

TEST_P(Stragglers, AspMakesPUpdatesInTheMeanTimeOfOneOnParametersPLessOneOld) {
  const int count = GetParam();
  const test::Results results = run_stragglers(workers(count) + "--set //strategy/@consistency=asp");
  // P Poisson processes of rate 1 are one of rate P.
  const Sample sample = sample_of(durations(results));
  ASSERT_EQ(sample.count, 4000U);
  EXPECT_NEAR(sample.mean, 1.0 / count, sample.half_width);
  EXPECT_LT(sample.half_width, 0.06 / count);
  // The staleness of a worker's gradients adds up to the updates by others until its last one is applied. So the mean
  // of N updates is P − 1, less what came after each worker's last one: P updates a worker on average, P²/N in the
  // mean. Chance may make it thrice that.
  const double mean = results.summary["staleness"]["mean"];
  EXPECT_LE(mean, count - 1);
  EXPECT_GE(mean, count - 1 - 3 * count * count / 4000.0);
}

struct OfK {
  const char* consistency;
  /// Workers, and gradients to an update.
  int count;
  int k;
  /// Mean time of an update where X is exponential of mean 1.
  double expected;
  /// Gradients that an update does without.
  int wasted;
};

/// Of the K-th of P.
double order_statistic(int k, int count) {
  double sum = 0;
  for (int i = count - k + 1; i <= count; ++i) {
    sum += 1.0 / i;
  }
  return sum;
}

class UpdatesOfK : public ::testing::TestWithParam<OfK> {};

/// Exponential times have no memory, so the times of updates are independent also where workers go on.
TEST_P(UpdatesOfK, TakeTheTimeOfTheory) {
  const OfK& of = GetParam();
  const test::Results results =
      run_stragglers(workers(of.count) + "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"" +
                     of.consistency + "\" k=\"" + std::to_string(of.k) + "\"/>'");
  const Sample sample = sample_of(durations(results));
  ASSERT_EQ(sample.count, 4000U);
  EXPECT_NEAR(sample.mean, of.expected, sample.half_width);
  EXPECT_LT(sample.half_width, 0.06 * of.expected);
  EXPECT_EQ(results.summary["samples"], 4000 * of.k);
  if (of.wasted >= 0) {
    EXPECT_EQ(results.summary["gradients_wasted"], 4000 * of.wasted);
  }
  const bool synchronous =
      std::string(of.consistency).ends_with("sync") && !std::string(of.consistency).ends_with("async");
  EXPECT_EQ(results.summary["staleness"]["max"] == 0, synchronous);
  if (std::string(of.consistency) == "k-batch-async") {
    // As of asp above: while a worker computes, the others compute P − 1 gradients, of which an update takes K.
    const double mean = results.summary["staleness"]["mean"];
    EXPECT_LE(mean, (of.count - 1.0) / of.k);
    EXPECT_GE(mean, (of.count - 1.0 - 3 * of.count * of.count / 4000.0) / of.k);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, UpdatesOfK,
    ::testing::Values(OfK{"k-sync", 8, 1, order_statistic(1, 8), 7}, OfK{"k-sync", 8, 5, order_statistic(5, 8), 3},
                      OfK{"k-sync", 4, 4, order_statistic(4, 4), 0}, OfK{"k-async", 8, 3, order_statistic(3, 8), 0},
                      OfK{"k-async", 4, 3, order_statistic(3, 4), 0}, OfK{"k-batch-sync", 4, 3, 3.0 / 4, -1},
                      OfK{"k-batch-sync", 8, 12, 12.0 / 8, -1}, OfK{"k-batch-async", 4, 3, 3.0 / 4, 0},
                      OfK{"k-batch-async", 8, 12, 12.0 / 8, 0}),
    [](const auto& test) {
      std::string name = std::string(test.param.consistency) + "_" + std::to_string(test.param.k) + "_of_" +
                         std::to_string(test.param.count);
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

/// P(sum of H exponential times of mean 1/H <= x): Erlang's distribution.
double erlang(int h, double x) {
  double term = 1;
  double below = 1;
  for (int i = 1; i < h; ++i) {
    term *= h * x / i;
    below += term;
  }
  return 1 - std::exp(-h * x) * below;
}

/// Wang & Joshi 2019, Adaptive communication strategies, equation 11: a step of periodic averaging takes
/// E[max over P of the mean of H times] and 1/H of an average, which takes none here.
TEST(LocalSgd, AStepTakesTheLargestOfTheWorkersMeans) {
  constexpr int kWorkers = 4;
  constexpr int kPeriod = 5;
  const std::vector<double> rounds = durations(test::results_of(
      test::source_path("tests/integration/stragglers.xml") +
      " --set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-3]\"/></deployment>' --set "
      "'//strategy=<strategy kind=\"local-sgd\" period=\"5\"><collective kind=\"tree\"/></strategy>' "
      "--set //stop/@iterations=2000"));
  const Sample sample = sample_of(rounds);
  ASSERT_EQ(sample.count, 2000U);
  const double expected = expected_order_statistic(kWorkers, kWorkers, [](double x) { return erlang(kPeriod, x); });
  EXPECT_NEAR(sample.mean / kPeriod, expected, sample.half_width / kPeriod);
  EXPECT_LT(sample.half_width / kPeriod, 0.04);
}

/// Chen et al. 2016: the slowest of a round are not waited for, but compute on; each of their gradients comes too late.
TEST(BackupWorkers, ARoundDoesNotWaitForThem) {
  const std::string backup = "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"backup\" ";
  const Sample one = sample_of(durations(run_stragglers(workers(4) + backup + "backups=\"1\"/>'")));
  EXPECT_LT(one.mean + one.half_width, order_statistic(4, 4));
  // Without the late one's restart it would be the third of four; it starts late into some rounds, if ever.
  EXPECT_GT(one.mean - one.half_width, order_statistic(3, 4));
  const test::Results none = run_stragglers(workers(4) + backup + "backups=\"0\"/>'");
  const test::Results bsp = run_stragglers(workers(4));
  EXPECT_EQ(none.summary["parameters_digest"], bsp.summary["parameters_digest"]);
  EXPECT_EQ(none.summary["gradients_wasted"], 0);
}

INSTANTIATE_TEST_SUITE_P(P, Stragglers, ::testing::Values(2, 4, 8), ::testing::PrintToStringParamName());

TEST(ExpectedOrderStatistic, IsASumOfFractionsForExponentialTimes) {
  const auto below = [](double x) { return 1 - std::exp(-x); };
  EXPECT_NEAR(expected_order_statistic(4, 4, below), order_statistic(4, 4), 1e-6);
  EXPECT_NEAR(expected_order_statistic(5, 8, below), order_statistic(5, 8), 1e-6);
}

}  // namespace
}  // namespace descent
