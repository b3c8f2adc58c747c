// Stale gradients and what a parameter server makes of them, against the same updates written out one by one.
#include "tests/support/strategy_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace descent {
namespace {

/// Keeps the newest parameters, and counts.
struct Last : test::CountingObserver {
  Snapshot parameters;
  std::vector<std::uint64_t> staleness;
  std::size_t wasted_count = 0;

  void updated(const Update& update, double) override {
    parameters = update.parameters;
    staleness.insert(staleness.end(), update.staleness.begin(), update.staleness.end());
  }
  void wasted(double) override { ++wasted_count; }
};

constexpr std::size_t kDimension = 20;
constexpr double kRate = 0.01;

/// Two workers, of which the second takes 2.3 times as long: gradients come from 0, 0, 1, 0, 0, 1, …
struct StaleRun {
  explicit StaleRun(const test::Values& corrections, std::uint64_t iterations) {
    test::Values settings{{"consistency", "asp"}};
    settings.insert(corrections.begin(), corrections.end());
    const test::StrategyRun run{.strategy = "parameter-server",
                                .settings = settings,
                                .cast = {2, 1},
                                .training = slow(test::quadratic_training(kDimension, iterations)),
                                .slowdown = [](int worker) { return worker == 1 ? 2.3 : 1.0; },
                                .bandwidth = "1000GBps",
                                .latency = "1ns"};
    run({&workers[0], &workers[1], &server});
  }

  /// Computing takes a second, so that messages take none.
  static Training slow(Training training) {
    training.flops_per_sample = 1e9;
    return training;
  }

  test::CountingObserver workers[2];
  Last server;
};

using Vector64 = Vector<double>;

/// The same by hand: `apply(x, g, read, staleness)` makes an update.
template <class Apply>
Vector64 by_hand(std::size_t iterations, Apply&& apply) {
  const Training training = test::quadratic_training(kDimension, iterations);
  const auto gradient = [&](const Vector64& x) {
    Buffer buffer(Precision::double_precision, kDimension);
    buffer.as<double>() = x;
    return Vector64(
        training.problem->gradient(std::move(buffer).freeze(), {}, 1, RandomStream(1, Purpose::gradient_noise))
            .as<double>());
  };
  Vector64 x = training.problem->initial_parameters().as<double>();
  Vector64 read[2] = {x, x};
  std::uint64_t version[2] = {0, 0};
  double due[2] = {1, 2.3};
  const double period[2] = {1, 2.3};
  std::uint64_t updates = 0;
  while (updates < iterations) {
    const int worker = due[0] <= due[1] ? 0 : 1;
    if (apply(x, gradient(read[worker]), read[worker], updates - version[worker])) {
      ++updates;
    }
    read[worker] = x;
    version[worker] = updates;
    due[worker] += period[worker];
  }
  return x;
}

void expect_same(const Snapshot& parameters, const Vector64& expected) {
  EXPECT_LT((parameters.as<double>() - expected).norm(), 1e-13);
}

TEST(StaleGradients, AreAppliedAsTheyAreWithoutCorrection) {
  const StaleRun run({}, 7);
  expect_same(run.server.parameters, by_hand(7, [](Vector64& x, const Vector64& g, const Vector64&, std::uint64_t) {
                x -= kRate * g;
                return true;
              }));
  EXPECT_EQ(run.server.staleness, (std::vector<std::uint64_t>{0, 0, 2, 1, 0, 2, 1}));
}

TEST(StaleGradients, WeighLessWhereTheyAreScaled) {
  const StaleRun run({{"staleness-scaling", "0.5"}}, 7);
  expect_same(run.server.parameters,
              by_hand(7, [](Vector64& x, const Vector64& g, const Vector64&, std::uint64_t staleness) {
                x -= kRate / std::sqrt(1 + static_cast<double>(staleness)) * g;
                return true;
              }));
}

TEST(StaleGradients, AreCorrectedByWhatTheParametersMoved) {
  const StaleRun run({{"delay-compensation", "20"}}, 7);
  expect_same(run.server.parameters,
              by_hand(7, [](Vector64& x, const Vector64& g, const Vector64& read, std::uint64_t) {
                const Vector64 moved = x - read;
                x -= kRate * (g.array() + 20 * g.array().square() * moved.array()).matrix();
                return true;
              }));
}

TEST(StaleGradients, AreDroppedWhereTheyAreTooOld) {
  const StaleRun run({{"max-staleness", "1"}}, 9);
  std::size_t dropped = 0;
  expect_same(run.server.parameters,
              by_hand(9, [&](Vector64& x, const Vector64& g, const Vector64&, std::uint64_t staleness) {
                if (staleness > 1) {
                  ++dropped;
                  return false;
                }
                x -= kRate * g;
                return true;
              }));
  EXPECT_GT(dropped, 0U);
  EXPECT_EQ(run.server.wasted_count, dropped);
  EXPECT_LE(*std::max_element(run.server.staleness.begin(), run.server.staleness.end()), 1U);
}

}  // namespace
}  // namespace descent
