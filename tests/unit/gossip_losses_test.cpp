// Decentralized training without those who are lost, against the updates written out for those who are there.
#include "tests/support/strategy_run.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <vector>

namespace descent {
namespace {

constexpr int kGossipWorkers = 4;
constexpr double kGossipRate = 0.05;
constexpr std::uint64_t kDeath = 5;
constexpr int kDead = 1;
constexpr double kRounding = 1e-12;

using Vector64 = Vector<double>;

/// Parameters after each update.
struct Path : test::CountingObserver {
  std::map<std::uint64_t, Vector64> x;
  Vector64 last;
  std::uint64_t samples = 0;
  void updated(const Update& update, double) override {
    x[update.iteration] = update.parameters.as<double>();
    samples = update.samples;
  }
  void finished(const Share&, const Snapshot& parameters, double) override { last = parameters.as<double>(); }
};

/// A regression whose batches are all of a worker's samples.
Training regression(std::uint64_t rounds) {
  ProblemParts parts;
  parts.precision = Precision::double_precision;
  parts.model = "linear";
  parts.model_settings = test::settings_of(model_rows(), "linear", {});
  parts.source = "synthetic-regression";
  parts.source_settings = test::settings_of(source_rows(), *parts.source, {{"samples", "32"}, {"features", "5"}});
  parts.partition = "iid";
  parts.partition_settings = test::settings_of(partition_rows(), parts.partition, {});
  parts.shards = kGossipWorkers;
  parts.seed = 3;
  Training training = test::quadratic_training(1, rounds);
  training.problem = make_problem(parts);
  training.learning_rate = kGossipRate;
  training.batch = 8;
  training.parameter_bytes = 8.0 * static_cast<double>(training.problem->parameters());
  return training;
}

Vector64 gradient(const Problem& problem, int worker, const Vector64& x) {
  Buffer buffer(Precision::double_precision, static_cast<std::size_t>(x.size()));
  buffer.as<double>() = x;
  const auto shard = problem.shard(static_cast<std::size_t>(worker));
  return problem.gradient(std::move(buffer).freeze(), shard, shard.size(), RandomStream(1, Purpose::gradient_noise))
      .as<double>();
}

/// On a ring one worker dies before a step; `repair_s`: and is back then.
struct Loss {
  std::array<Path, kGossipWorkers> paths;
  Training training;

  Loss(const std::string& algorithm, Training with, std::uint64_t step, double repair_s) : training(std::move(with)) {
    test::StrategyRun run{.strategy = "gossip",
                          .settings = {{"algorithm", algorithm}, {"graph", "ring"}},
                          .cast = {kGossipWorkers, 0},
                          .training = training};
    run.recovery.timeout_s = 0.005;
    run.recovery.give_up_s = 1;
    run.crashes = [=](int rank) {
      return rank == kDead ? std::vector<CrashAtStep>{{step, repair_s}} : std::vector<CrashAtStep>();
    };
    run({&paths[0], &paths[1], &paths[2], &paths[3]});
  }
};

TEST(DPsgd, GivesTheWeightOfTheLostToTheWorkerItself) {
  constexpr std::uint64_t kRounds = 20;
  Loss loss("d-psgd", regression(kRounds), kDeath, never);
  const Problem& problem = *loss.training.problem;
  std::vector<Vector64> x(kGossipWorkers, Vector64(problem.initial_parameters().as<double>()));
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    std::vector<Vector64> next = x;
    Vector64 mean = Vector64::Zero(x[0].size());
    Vector64 kept = Vector64::Zero(x[0].size());
    for (int i = 0; i < kGossipWorkers; ++i) {
      const auto there = [&](int rank) { return rank == kDead && round >= kDeath ? i : rank; };
      const Vector64 step = kGossipRate * gradient(problem, i, x[i]);
      next[i] = (x[i] + x[there((i + 1) % kGossipWorkers)] + x[there((i + 3) % kGossipWorkers)]) / 3 - step;
      if (i != kDead) {
        mean += next[i];
        kept += x[i] - step;
      }
    }
    x = next;
    for (int i = 0; i < kGossipWorkers; ++i) {
      if (i != kDead || round < kDeath) {
        ASSERT_TRUE(loss.paths[i].x.contains(round + 1)) << i << " " << round;
        EXPECT_LT((loss.paths[i].x[round + 1] - x[i]).norm(), kRounding) << i << " " << round;
      }
    }
    // Rows and columns of those who are there add up to 1.
    EXPECT_TRUE(round < kDeath || (mean - kept).norm() < kRounding);
  }
  EXPECT_EQ(loss.paths[kDead].x.size(), kDeath);
}

/// What comes out is the solution for the data of those who are there, and not that for all.
TEST(DPsgd, SolvesWhatTheDataOfTheLivingSay) {
  constexpr std::uint64_t kRounds = 3000;
  Training training = regression(kRounds);
  training.schedule =
      make_schedule("inverse-time", test::settings_of(schedule_rows(), "inverse-time", {{"decay", "0.01"}}));
  Loss loss("d-psgd", training, 0, never);
  const auto solution = [&](const std::vector<int>& workers) {
    Vector64 x = Vector64::Zero(loss.paths[0].last.size());
    for (int i = 0; i < 20000; ++i) {
      Vector64 sum = Vector64::Zero(x.size());
      for (const int worker : workers) {
        sum += gradient(*training.problem, worker, x);
      }
      x -= kGossipRate / static_cast<double>(workers.size()) * sum;
    }
    return x;
  };
  const Vector64 mean = (loss.paths[0].last + loss.paths[2].last + loss.paths[3].last) / 3;
  const Vector64 of_living = solution({0, 2, 3});
  EXPECT_LT((mean - of_living).norm(), 0.05 * (solution({0, 1, 2, 3}) - of_living).norm());
}

/// Back after the others have gone on without it: with the mean of its neighbours' vectors, in their round, and then in
/// step with all.
TEST(DPsgd, TakesOverItsNeighboursMeanWhenItIsBack) {
  constexpr std::uint64_t kRounds = 200;
  Loss loss("d-psgd", regression(kRounds), kDeath, 0.02);
  const Problem& problem = *loss.training.problem;
  auto& paths = loss.paths;
  const auto back = paths[kDead].x.upper_bound(kDeath);
  ASSERT_NE(back, paths[kDead].x.end());
  const std::uint64_t round = back->first - 1;
  EXPECT_GT(round, kDeath + 10);
  EXPECT_LT(round, kRounds - 20);
  const Vector64 begun = (paths[0].x[round] + paths[2].x[round]) / 2;
  EXPECT_LT((back->second - (begun - kGossipRate * gradient(problem, kDead, begun))).norm(), kRounding);
  for (std::uint64_t next = round + 2; next < kRounds; ++next) {
    for (int i = 0; i < kGossipWorkers; ++i) {
      const Vector64& x = paths[i].x[next];
      const Vector64 mixed =
          (x + paths[(i + 1) % kGossipWorkers].x[next] + paths[(i + 3) % kGossipWorkers].x[next]) / 3;
      ASSERT_LT((paths[i].x[next + 1] - (mixed - kGossipRate * gradient(problem, i, x))).norm(), kRounding) << next;
    }
  }
  for (const Path& path : paths) {
    EXPECT_EQ(path.x.rbegin()->first, kRounds);
  }
  // What others did meanwhile is not its own.
  EXPECT_EQ(paths[kDead].samples, (kRounds - round) * 8);
}

/// After a first step nobody moves but to each other: the mean of those who are there stays.
TEST(AdPsgd, KeepsTheMeanOfThoseWhoAreThere) {
  Training training = regression(100);
  training.schedule =
      make_schedule("step", test::settings_of(schedule_rows(), "step", {{"every", "1"}, {"gamma", "1e-30"}}));
  Loss loss("ad-psgd", training, 0, never);
  const Problem& problem = *training.problem;
  const Vector64 start = problem.initial_parameters().as<double>();
  const Vector64 steps = (gradient(problem, 0, start) + gradient(problem, 2, start) + gradient(problem, 3, start)) / 3;
  const Vector64 mean = (loss.paths[0].last + loss.paths[2].last + loss.paths[3].last) / 3;
  EXPECT_LT((mean - (start - kGossipRate * steps)).norm(), kRounding);
  // They have found each other all the same.
  EXPECT_LT((loss.paths[0].last - mean).norm(), 1e-6);
  EXPECT_GT((kGossipRate * (gradient(problem, 0, start) - steps)).norm(), 1e-3);
}

TEST(AdPsgd, GoesOnFromTheNewestOfItsNeighboursWhenItIsBack) {
  constexpr std::uint64_t kSteps = 300;
  Loss loss("ad-psgd", regression(kSteps), kDeath, 0.02);
  auto& path = loss.paths[kDead].x;
  const auto back = path.upper_bound(kDeath);
  ASSERT_NE(back, path.end());
  EXPECT_GT(back->first, kDeath + 10);
  for (const Path& other : loss.paths) {
    EXPECT_EQ(other.x.rbegin()->first, kSteps);
    EXPECT_LT((other.last - loss.paths[0].last).norm(), 0.1 * loss.paths[0].last.norm());
  }
}

}  // namespace
}  // namespace descent
