// Consensus ADMM against its equations, written out round by round.
#include "algorithms/constraints/constraint.hpp"
#include "algorithms/constraints/regularizer.hpp"
#include "tests/support/strategy_run.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace descent {
namespace {

constexpr int kAdmmWorkers = 3;
constexpr double kPenalty = 0.7;
constexpr double kLambda = 0.02;
constexpr double kAdmmRate = 0.05;
constexpr int kLocalSteps = 4;

using Vector64 = Vector<double>;

struct ConsensusObserver : test::CountingObserver {
  Snapshot consensus;
  void updated(const Update& update, double) override { consensus = update.parameters; }
};

/// A regression whose every batch is all of a worker's samples, the same number of times.
Training regression(const std::string& partition, const test::Values& settings, std::uint64_t rounds) {
  ProblemParts parts;
  parts.precision = Precision::double_precision;
  parts.model = "linear";
  parts.model_settings = test::settings_of(model_rows(), "linear", {});
  parts.source = "synthetic-regression";
  parts.source_settings = test::settings_of(source_rows(), *parts.source, {{"samples", "30"}, {"features", "6"}});
  parts.partition = partition;
  parts.partition_settings = test::settings_of(partition_rows(), partition, settings);
  parts.shards = kAdmmWorkers;
  parts.seed = 3;
  Training training = test::quadratic_training(1, rounds);
  training.problem = make_problem(parts);
  training.learning_rate = kAdmmRate;
  training.batch = 1;
  for (const std::size_t size : training.problem->shard_sizes()) {
    training.batch = std::lcm(*training.batch, size);
  }
  training.parameter_bytes = 8.0 * static_cast<double>(training.problem->parameters());
  return training;
}

struct Reference {
  const Problem& problem;

  Vector64 gradient(int worker, const Vector64& x) const {
    Buffer buffer(Precision::double_precision, static_cast<std::size_t>(x.size()));
    buffer.as<double>() = x;
    const RandomStream none(1, Purpose::gradient_noise);
    const auto shard = problem.shard(static_cast<std::size_t>(worker));
    return problem.gradient(std::move(buffer).freeze(), shard, shard.size(), none).as<double>();
  }

  double weight(int worker) const {
    return static_cast<double>(problem.shard(static_cast<std::size_t>(worker)).size()) /
           static_cast<double>(problem.samples());
  }

  /// z after so many rounds, with λ‖z‖₁ and where z must not be negative.
  Vector64 consensus(std::uint64_t rounds) const {
    const Vector64 start = problem.initial_parameters().as<double>();
    Vector64 z = start;
    std::vector<Vector64> x(kAdmmWorkers, start);
    std::vector<Vector64> u(kAdmmWorkers, Vector64::Zero(start.size()));
    for (std::uint64_t round = 0; round < rounds; ++round) {
      Vector64 mean = Vector64::Zero(start.size());
      for (int k = 0; k < kAdmmWorkers; ++k) {
        for (int i = 0; i < kLocalSteps; ++i) {
          x[k] -= kAdmmRate * (gradient(k, x[k]) + kPenalty * (x[k] - z + u[k]));
        }
        mean += weight(k) * (x[k] + u[k]);
      }
      z = (mean.array() - kLambda / kPenalty).max(0.0);
      for (int k = 0; k < kAdmmWorkers; ++k) {
        u[k] += x[k] - z;
      }
    }
    return z;
  }
};

void expect_equations(const std::string& partition, const test::Values& settings) {
  constexpr std::uint64_t kRounds = 12;
  const Training training = regression(partition, settings, kRounds);
  const Reference reference{*training.problem};
  test::StrategyRun run{.strategy = "admm",
                        .settings = {{"penalty", "0.7"}, {"local-steps", "4"}},
                        .cast = {kAdmmWorkers, 0},
                        .training = training};
  run.collective = choose_collective("ring");
  run.composite.constraint = find_constraint("non-negative").make({});
  run.composite.regularizer =
      find_regularizer("l1").make(test::settings_of(regularizer_rows(), "l1", {{"lambda", "0.02"}}));
  ConsensusObserver observers[kAdmmWorkers];
  run({&observers[0], &observers[1], &observers[2]});
  const Vector64 z = reference.consensus(kRounds);
  EXPECT_GT((z.array() > 0).count(), 1);
  EXPECT_GT((z.array() == 0).count(), 0);
  EXPECT_LT((observers[0].consensus.as<double>() - z).norm(), 1e-12 * z.norm());
}

TEST(Admm, FollowsItsEquations) {
  expect_equations("contiguous", {});
}

/// Workers weigh as much as they have samples.
TEST(Admm, FollowsItsEquationsOnShardsOfAnySize) {
  expect_equations("quantity", {{"exponent", "1"}});
}

}  // namespace
}  // namespace descent
