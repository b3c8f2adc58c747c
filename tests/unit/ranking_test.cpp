#include "sim/validate/ranking.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

using List = std::vector<double>;

TEST(KendallTau, IsOneForTheSameOrderAndMinusOneForTheOpposite) {
  EXPECT_EQ(kendall_tau(List{1, 2, 3}, List{10, 20, 300}), 1);
  EXPECT_EQ(kendall_tau(List{1, 2, 3}, List{3, 2, 1}), -1);
  // Of six pairs one is swapped.
  EXPECT_DOUBLE_EQ(*kendall_tau(List{1, 2, 3, 4}, List{1, 3, 2, 4}), 4.0 / 6);
}

TEST(KendallTau, LeavesTiesOutOfTheCount) {
  // Pairs of 1 2 2 3 and 1 3 2 2: 12 13 14 as they are, 23 tied in one, 34 tied in the other, 24 swapped; n0 = 6.
  EXPECT_DOUBLE_EQ(*kendall_tau(List{1, 2, 2, 3}, List{1, 3, 2, 2}), (3 - 1) / std::sqrt(5.0 * 5.0));
  // 12 tied in both, 13 and 23 as they are: 2 / sqrt(2 * 2).
  EXPECT_DOUBLE_EQ(*kendall_tau(List{1, 1, 2}, List{5, 5, 6}), 1);
}

TEST(KendallTau, IsNotOfListsWithoutOrder) {
  EXPECT_EQ(kendall_tau(List{1}, List{1}), std::nullopt);
  EXPECT_EQ(kendall_tau(List{}, List{}), std::nullopt);
  EXPECT_EQ(kendall_tau(List{1, 1}, List{1, 2}), std::nullopt);
}

Comparison reaching(const std::string& scenario, std::optional<Spread> measured, double predicted) {
  Comparison comparison{scenario};
  comparison.quantities = {{"time_to_target_s", "s", measured, predicted}};
  return comparison;
}

TEST(Ranking, NamesPairsThatArePredictedInTheWrongOrder) {
  const Ranking ranking = rank_by_time_to_target(std::vector<Comparison>{
      reaching("a", Spread{1, 0.9, 1.1}, 3), reaching("never", std::nullopt, 1), reaching("b", Spread{2, 1.05, 2.5}, 2),
      Comparison{"bad", "it failed"}, reaching("c", Spread{4, 3.9, 4.1}, 2.5)});
  EXPECT_EQ(ranking.scenarios, 3U);
  EXPECT_DOUBLE_EQ(*ranking.tau, (1 - 2) / 3.0);
  EXPECT_EQ(ranking.told_apart, 2U);
  EXPECT_EQ(ranking.tau_of_told_apart, 0);
  ASSERT_EQ(ranking.swaps.size(), 2U);
  EXPECT_EQ(ranking.swaps[0].faster, "a");
  EXPECT_EQ(ranking.swaps[0].slower, "b");
  EXPECT_TRUE(ranking.swaps[0].overlap);
  EXPECT_EQ(ranking.swaps[1].slower, "c");
  EXPECT_FALSE(ranking.swaps[1].overlap);
}

}  // namespace
}  // namespace descent
