#include "sim/record/durations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace descent {
namespace {

TEST(Durations, OfOneKindAreExact) {
  Durations durations;
  for (int i = 0; i < 3; ++i) {
    durations.add(0.125);
  }
  durations.add(2);
  EXPECT_EQ(durations.count(), 4U);
  EXPECT_DOUBLE_EQ(durations.mean(), 2.375 / 4);
  EXPECT_DOUBLE_EQ(durations.quantile(0.5), 0.125);
  EXPECT_DOUBLE_EQ(durations.quantile(0.75), 0.125);
  EXPECT_DOUBLE_EQ(durations.quantile(0.95), 2);
}

TEST(Durations, OfNoTimeAreTheLeast) {
  Durations durations;
  durations.add(1e-9);
  durations.add(0);
  EXPECT_EQ(durations.quantile(0.5), 0);
  EXPECT_DOUBLE_EQ(durations.quantile(1), 1e-9);
}

TEST(Durations, HaveQuantilesToAHundredthInBoundedMemory) {
  Durations odd;
  Durations all;
  std::vector<double> exact;
  for (int i = 0; i < 20'000; ++i) {
    const double seconds = 1e-6 * std::pow(1e6, (i * 7919 % 20'000) / 20'000.0);
    exact.push_back(seconds);
    (i % 2 == 1 ? odd : all).add(seconds);
  }
  all.add(odd);
  std::sort(exact.begin(), exact.end());
  EXPECT_EQ(all.count(), exact.size());
  EXPECT_LE(all.bins().size(), 64 * 20U + 1);
  for (const double q : {0.01, 0.5, 0.95, 1.0}) {
    const double wanted = exact[static_cast<std::size_t>(q * 20'000) - 1];
    EXPECT_NEAR(all.quantile(q), wanted, 0.011 * wanted);
  }
}

}  // namespace
}  // namespace descent
