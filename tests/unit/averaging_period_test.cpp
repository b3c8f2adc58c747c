// AdaComm's periods against its rule, applied to the losses that a run shows.
#include "tests/support/strategy_run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace descent {
namespace {

constexpr std::size_t kPeriodDimension = 10;
constexpr int kReplicas = 2;

/// Samples and parameters after each round, the beginning included.
struct RoundObserver : test::CountingObserver {
  std::vector<std::uint64_t> samples = {0};
  std::vector<Snapshot> parameters;
  void initial(const Share&, const Snapshot& start, double) override { parameters.push_back(start); }
  void updated(const Update& update, double) override {
    samples.push_back(update.samples);
    parameters.push_back(update.parameters);
  }
};

struct Rounds {
  std::vector<std::uint64_t> steps;
  /// Before each of them.
  std::vector<double> losses;
};

Rounds run_local_sgd(const test::Values& settings, std::uint64_t rounds, bool math = true) {
  Training training = test::quadratic_training(kPeriodDimension, rounds);
  training.learning_rate = 0.1;
  training.math = math;
  const test::StrategyRun run{.strategy = "local-sgd",
                              .settings = settings,
                              .cast = {kReplicas, 0},
                              .training = training,
                              .collective = choose_collective("ring")};
  RoundObserver observers[kReplicas];
  run({&observers[0], &observers[1]});
  Rounds result;
  for (std::size_t i = 0; i < rounds; ++i) {
    result.steps.push_back((observers[0].samples[i + 1] - observers[0].samples[i]) / kReplicas);
    if (math) {
      result.losses.push_back(training.problem->evaluate(observers[0].parameters[i], Split::train, 0, 1).loss());
    }
  }
  return result;
}

TEST(AveragingPeriod, IsThatOfAdaCommsRule) {
  constexpr std::uint64_t kFirst = 20;
  constexpr std::uint64_t kEvery = 50;
  const Rounds rounds = run_local_sgd({{"period", "20"}, {"adapt-every", "50"}}, 120);
  std::uint64_t period = kFirst;
  std::uint64_t steps = 0;
  std::uint64_t chosen_at = 0;
  int by_loss = 0;
  for (std::size_t i = 0; i < rounds.steps.size(); ++i) {
    if (steps / kEvery > chosen_at / kEvery) {
      const double wanted = std::ceil(kFirst * std::sqrt(rounds.losses[i] / rounds.losses[0]));
      const bool shorter = wanted < static_cast<double>(period);
      by_loss += shorter ? 1 : 0;
      period = shorter ? static_cast<std::uint64_t>(wanted) : (period + 1) / 2;
      chosen_at = steps;
    }
    EXPECT_EQ(rounds.steps[i], period) << "round " << i;
    steps += rounds.steps[i];
  }
  EXPECT_GT(by_loss, 0);
  EXPECT_EQ(rounds.steps.back(), 1U);
}

TEST(AveragingPeriod, StaysWhereItDoesNotAdapt) {
  EXPECT_EQ(run_local_sgd({{"period", "3"}}, 4).steps, (std::vector<std::uint64_t>{3, 3, 3, 3}));
}

TEST(AveragingPeriod, FollowsStepsThatAreAveragedOneByOne) {
  EXPECT_EQ(run_local_sgd({{"period", "3"}, {"post-local", "2"}}, 4).steps, (std::vector<std::uint64_t>{1, 1, 3, 3}));
}

TEST(AveragingPeriod, StaysWhereThereIsNoLoss) {
  EXPECT_EQ(run_local_sgd({{"period", "3"}, {"adapt-every", "1"}}, 4, false).steps,
            (std::vector<std::uint64_t>{3, 3, 3, 3}));
}

TEST(AveragingPeriod, DoesNotBothGrowAndShrink) {
  const auto row = find_strategy("local-sgd");
  const Settings both =
      test::settings_of(strategy_rows(), "local-sgd", {{"period", "4"}, {"post-local", "10"}, {"adapt-every", "10"}});
  const Cast cast{kReplicas, 0};
  ASSERT_EQ(row.faults(both, &cast).size(), 1U);
  EXPECT_NE(row.faults(both, &cast)[0].find("allowed: one of them"), std::string::npos);
}

}  // namespace
}  // namespace descent
