// Which scenarios have the same bits on every backend, by what is known before they run.
#include "algorithms/strategies/strategy.hpp"
#include "sim/scenario/scenario.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace descent {
namespace {

using Given = std::map<std::string, std::string>;

Scenario of(const std::string& strategy, const Given& settings = {}) {
  Scenario scenario;
  scenario.strategy = {strategy, Settings(settings)};
  return scenario;
}

TEST(RaceFree, IsAConditionOnAParameterThatTheStrategyHas) {
  for (const StrategyRow& row : strategy_rows()) {
    const OnlyWith& condition = row.race_free;
    if (condition.attribute.empty()) {
      continue;
    }
    const auto& parameters = row.entry.parameters;
    const auto parameter = std::find_if(parameters.begin(), parameters.end(),
                                        [&](const Parameter& p) { return p.name == condition.attribute; });
    ASSERT_NE(parameter, parameters.end()) << row.entry.name;
    for (const std::string_view value : condition.values) {
      const auto& choices = parameter->choices;
      EXPECT_TRUE(choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) << value;
    }
  }
}

TEST(RaceFree, DependsOnTheSettingsOfTheStrategy) {
  EXPECT_TRUE(race_free(of("allreduce")));
  EXPECT_TRUE(race_free(of("parameter-server", {{"consistency", "bsp"}})));
  EXPECT_FALSE(race_free(of("parameter-server", {{"consistency", "asp"}})));
  EXPECT_TRUE(race_free(of("federated")));
  EXPECT_FALSE(race_free(of("federated", {{"buffer", "2"}})));
  EXPECT_TRUE(race_free(of("gossip", {{"algorithm", "sgp"}})));
  EXPECT_FALSE(race_free(of("gossip", {{"algorithm", "ad-psgd"}})));
  EXPECT_TRUE(race_free(of("gradient-coding", {{"stragglers", "0"}})));
  EXPECT_FALSE(race_free(of("gradient-coding", {{"stragglers", "1"}})));
}

TEST(RaceFree, EndsWhereTimeDecides) {
  Scenario crashes = of("allreduce");
  crashes.failures.emplace_back();
  EXPECT_FALSE(race_free(crashes));
  Scenario gives_up = of("allreduce");
  gives_up.recovery.emplace();
  EXPECT_TRUE(race_free(gives_up));
  gives_up.recovery->timeout_s = 1;
  EXPECT_FALSE(race_free(gives_up));
  Scenario measures = of("allreduce");
  measures.balance.kind = "adaptive";
  EXPECT_FALSE(race_free(measures));
  Scenario timed = of("allreduce");
  timed.stop.time_s = 1;
  EXPECT_FALSE(race_free(timed));
  Scenario aims = of("allreduce");
  aims.stop.target_loss = 0.1;
  aims.observe.every_iterations = 10;
  EXPECT_TRUE(race_free(aims));
  aims.observe.every_iterations.reset();
  aims.observe.every_s = 1;
  EXPECT_FALSE(race_free(aims));
}

TEST(RaceFree, IsSaidInWords) {
  EXPECT_EQ(to_string(OnlyWith{}), "");
  EXPECT_EQ(to_string(OnlyWith{"consistency", {"bsp"}}), "consistency=bsp");
  EXPECT_EQ(to_string(OnlyWith{"algorithm", {"d2", "sgp"}}), "algorithm=d2|sgp");
  EXPECT_EQ(to_string(OnlyWith{"buffer", {}}), "without buffer");
}

}  // namespace
}  // namespace descent
