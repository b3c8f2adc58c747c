// Elastic averaging against its equations, written out step by step.
#include "tests/support/strategy_run.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace descent {
namespace {

constexpr std::size_t kCentreDimension = 20;
constexpr double kCentreRate = 0.01;
constexpr double kAlpha = 0.3;

using Vector64 = Vector<double>;

/// Keeps the newest centre.
struct CentreObserver : test::CountingObserver {
  Snapshot centre;
  std::vector<std::uint64_t> staleness;
  void updated(const Update& update, double) override {
    centre = update.parameters;
    staleness.push_back(update.staleness.front());
  }
};

/// Two workers, of which the second takes 2.3 times as long. Computing takes a second, so that messages take none.
CentreObserver run_elastic(const std::string& mode, const std::string& period, std::uint64_t iterations) {
  Training training = test::quadratic_training(kCentreDimension, iterations);
  training.flops_per_sample = 1e9;
  const test::StrategyRun run{.strategy = "elastic-averaging",
                              .settings = {{"mode", mode}, {"period", period}, {"moving-rate", "0.3"}},
                              .cast = {2, 1},
                              .training = training,
                              .slowdown = [](int worker) { return worker == 1 ? 2.3 : 1.0; },
                              .bandwidth = "1000GBps",
                              .latency = "1ns"};
  test::CountingObserver workers[2];
  CentreObserver server;
  run({&workers[0], &workers[1], &server});
  return server;
}

struct Objective {
  Training training = test::quadratic_training(kCentreDimension, 1);

  Vector64 start() const { return training.problem->initial_parameters().as<double>(); }
  Vector64 gradient(const Vector64& x) const {
    Buffer buffer(Precision::double_precision, kCentreDimension);
    buffer.as<double>() = x;
    const RandomStream noise(1, Purpose::gradient_noise);
    return training.problem->gradient(std::move(buffer).freeze(), {}, 1, noise).as<double>();
  }
};

TEST(ElasticAveraging, MovesTheCentreByAllDifferencesOfARound) {
  constexpr std::uint64_t kRounds = 5;
  const CentreObserver server = run_elastic("synchronous", "2", kRounds);
  const Objective objective;
  Vector64 centre = objective.start();
  Vector64 x[2] = {centre, centre};
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    Vector64 moved = Vector64::Zero(kCentreDimension);
    for (Vector64& mine : x) {
      const Vector64 difference = kAlpha * (mine - centre);
      moved += difference;
      mine = mine - difference - kCentreRate * objective.gradient(mine);
      mine -= kCentreRate * objective.gradient(mine);
    }
    centre += moved;
  }
  EXPECT_GT((centre - objective.start()).norm(), 0.01);
  EXPECT_LT((server.centre.as<double>() - centre).norm(), 1e-13);
  EXPECT_EQ(server.staleness, std::vector<std::uint64_t>(kRounds, 0));
}

/// The centre is asked for as a gradient begins, and moves as it ends.
TEST(ElasticAveraging, MovesTheCentreByEachDifferenceAsItComes) {
  constexpr std::size_t kUpdates = 12;
  const CentreObserver server = run_elastic("asynchronous", "1", kUpdates);
  const Objective objective;
  Vector64 centre = objective.start();
  Vector64 x[2] = {centre, centre};
  Vector64 seen[2] = {centre, centre};
  std::uint64_t version[2] = {0, 0};
  const double period[2] = {1, 2.3};
  double due[2] = {1, 2.3};
  std::vector<std::uint64_t> staleness;
  for (std::uint64_t updates = 0; updates < kUpdates; ++updates) {
    const int worker = due[0] < due[1] ? 0 : 1;
    const Vector64 difference = kAlpha * (x[worker] - seen[worker]);
    x[worker] = x[worker] - difference - kCentreRate * objective.gradient(x[worker]);
    staleness.push_back(updates - version[worker]);
    centre += difference;
    seen[worker] = centre;
    version[worker] = updates + 1;
    due[worker] += period[worker];
  }
  EXPECT_GT((centre - objective.start()).norm(), 0.01);
  EXPECT_LT((server.centre.as<double>() - centre).norm(), 1e-13);
  EXPECT_EQ(server.staleness, staleness);
}

}  // namespace
}  // namespace descent
