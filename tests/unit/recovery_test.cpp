#include "algorithms/core/error.hpp"
#include "algorithms/recovery/interval.hpp"
#include "algorithms/recovery/roster.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

Recovery patience(double timeout_s, double give_up_s) {
  Recovery recovery;
  recovery.timeout_s = timeout_s;
  recovery.give_up_s = give_up_s;
  return recovery;
}

TEST(Roster, LosesWhoOwesAndIsSilent) {
  Roster roster(patience(2, 10), 3, "worker", 0);
  EXPECT_EQ(roster.deadline(), never);
  for (std::size_t peer = 0; peer < 3; ++peer) {
    roster.await(peer, 1);
  }
  EXPECT_FALSE(roster.heard(1, 2.5));
  EXPECT_EQ(roster.deadline(), 3);
  EXPECT_TRUE(roster.missed(2.9).empty());
  EXPECT_EQ(roster.missed(3), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(roster.present(), 1U);
  EXPECT_FALSE(roster.present(0));
  // Who owes nothing is not lost, however long it takes.
  EXPECT_EQ(roster.deadline(), never);
  EXPECT_TRUE(roster.heard(2, 50));
  EXPECT_FALSE(roster.heard(2, 51));
  EXPECT_EQ(roster.present(), 2U);
}

TEST(Roster, AwaitsTheLostOnlyWhenTheyAreBack) {
  Roster roster(patience(2, 10), 2, "worker", 0);
  roster.await(0, 0);
  EXPECT_EQ(roster.missed(2).size(), 1U);
  roster.await(0, 3);
  EXPECT_EQ(roster.deadline(), never);
  roster.heard(0, 4);
  roster.await(0, 4);
  EXPECT_EQ(roster.deadline(), 6);
}

TEST(Roster, NeedNotWaitForWhatIsKnown) {
  Roster roster(patience(2, 10), 2, "worker", 0);
  roster.await(0, 0);
  EXPECT_TRUE(roster.lose(0));
  EXPECT_FALSE(roster.lose(0));
  EXPECT_EQ(roster.present(), 1U);
  EXPECT_EQ(roster.deadline(), never);
  EXPECT_TRUE(roster.heard(0, 1));
  EXPECT_EQ(roster.present(), 2U);
}

TEST(Roster, GivesUpOnAll) {
  Roster roster(patience(1, 10), 2, "worker", 0);
  roster.await(0, 0);
  roster.await(1, 4);
  roster.heard(1, 4.5);
  roster.await(1, 4.5);
  EXPECT_EQ(roster.missed(1).size(), 1U);
  EXPECT_EQ(roster.missed(5.5).size(), 1U);
  EXPECT_EQ(roster.deadline(), 14.5);
  EXPECT_TRUE(roster.missed(14).empty());
  try {
    roster.missed(14.5);
    FAIL();
  } catch (const GaveUp& error) {
    EXPECT_EQ(std::string(error.what()), "no worker has been heard of since 4.5 s");
  }
  // Who took leave is not waited for.
  Roster done(patience(1, 10), 1, "worker", 0);
  done.dismiss(0);
  EXPECT_EQ(done.deadline(), never);
  EXPECT_FALSE(done.heard(0, 1));
  EXPECT_EQ(done.present(), 0U);
}

TEST(Roster, WithoutATimeoutLosesNobody) {
  Roster roster({}, 2, "worker", 0);
  roster.await(0, 0);
  EXPECT_EQ(roster.deadline(), never);
  EXPECT_TRUE(roster.missed(1e300).empty());
}

/// The derivative of Daly's expected time by the interval is zero at his optimum to his order; a search finds no better
/// one by more than a thousandth.
TEST(BestInterval, IsNearlyThatOfTheExpectedTime) {
  for (const double cost : {1.0, 10.0, 60.0}) {
    constexpr double kMtbf = 3600;
    const auto time = [&](double interval) { return expected_completion(1e6, interval, cost, 30, kMtbf); };
    double best = time(1);
    for (double interval = 1; interval < 3 * kMtbf; interval *= 1.01) {
      best = std::min(best, time(interval));
    }
    EXPECT_LT(time(best_interval(cost, kMtbf)), 1.001 * best) << cost;
  }
  EXPECT_EQ(best_interval(100, 50), 50);
  // Young's first term where failures are rare.
  EXPECT_NEAR(best_interval(1, 1e8), std::sqrt(2e8), 1.0);
}

/// E[time] of one segment: an exponential number of attempts, each after the first begun by a restart.
TEST(ExpectedCompletion, IsThatOfAttempts) {
  // Without failures only work and checkpoints; where R = δ = 0 and τ = M: M(e − 1) a segment.
  EXPECT_NEAR(expected_completion(1000, 100, 10, 50, 1e12), 1100, 1e-3);
  EXPECT_NEAR(expected_completion(100, 100, 0, 0, 100), 100 * (std::exp(1.0) - 1), 1e-9);
}

}  // namespace
}  // namespace descent
