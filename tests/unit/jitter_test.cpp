#include "sim/disturbance/jitter.hpp"

#include "tests/support/distributions.hpp"
#include "tests/support/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

constexpr double kMean = 50e-6;

Draw exponential(const std::string& mean) {
  return find_distribution("exponential").make(Settings(std::map<std::string, std::string>{{"mean", mean}}));
}

Jitter::Rule from_to(std::vector<bool> from, std::vector<bool> to) {
  return {exponential("50us"), std::move(from), std::move(to)};
}

TEST(Jitter, HasItsMean) {
  Jitter jitter({from_to({true, true}, {true, true})}, {0, 1}, 7);
  constexpr int kMessages = 100000;
  double mean = 0;
  for (int i = 0; i < kMessages; ++i) {
    mean += jitter(0, 1) / kMessages;
  }
  EXPECT_NEAR(mean, kMean, test::kQuantile * kMean / std::sqrt(kMessages));
}

TEST(Jitter, DependsOnSeedSenderAndCountAlone) {
  const std::vector<bool> all{true, true, true};
  Jitter one({from_to(all, all)}, {0, 1, 2}, 7);
  Jitter other({from_to(all, all)}, {0, 1, 2}, 7);
  Jitter another_seed({from_to(all, all)}, {0, 1, 2}, 8);
  const double first = one(0, 1);
  const double second = one(0, 1);
  EXPECT_NE(first, second);
  other(1, 0);  // What others send does not matter, nor does who receives.
  EXPECT_EQ(other(0, 2), first);
  EXPECT_EQ(other(0, 1), second);
  EXPECT_NE(another_seed(0, 1), first);
  EXPECT_NE(one(1, 0), first);
}

TEST(Jitter, IsBetweenTheHostsThatItIsFor) {
  Jitter jitter({from_to({true, false, true}, {false, true, true})}, {0, 1, 0}, 7);
  EXPECT_GT(jitter(0, 1), 0);
  EXPECT_EQ(jitter(1, 0), 0);
  EXPECT_EQ(jitter(1, 2), 0);
  EXPECT_EQ(jitter(0, 2), 0);  // one host
  EXPECT_TRUE(Jitter({}, {0, 1}, 7).empty());
}

TEST(JitterTable, HasTheDistributionsOfAMeanThatIsATime) {
  std::vector<std::string> names;
  for (const Entry* entry : jitter_entries()) {
    names.push_back(entry->name);
    std::vector<Complaint> complaints;
    check_settings(entry->parameters, {}, complaints);
    EXPECT_FALSE(complaints.empty()) << entry->name;
    EXPECT_EQ(entry->parameters.front().type, ParameterType::seconds);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"exponential", "shifted-exponential", "log-normal", "pareto", "weibull"}));
}

class JitteredMessages : public ::testing::TestWithParam<bool> {};

TEST_P(JitteredMessages, StayInOrderAndAreLateByTheMean) {
  constexpr int kMessages = 2000;
  test::ClusterRun run(2, 1, "1GBps", "50us", 2, GetParam() ? test::neutral_schedules() : test::neutral_network());
  run.world.delay_messages(Jitter({{exponential("10ms"), {true, true}, {true, true}}}, {0, 1}, 3));
  const double end = run([&](Communicator& communicator) {
    for (int i = 0; i < kMessages; ++i) {
      if (communicator.rank() == 0) {
        Message message;
        message.wire_bytes = 1000;
        message.note = i;
        communicator.send(1, 1, message);
      } else {
        ASSERT_EQ(communicator.receive(0, 1).note, i);
      }
    }
  });
  // One after the other, each with its delay, two latencies and a microsecond of bytes.
  const double expected = kMessages * (10e-3 + 100e-6 + 1e-6);
  EXPECT_NEAR(end, expected, test::kQuantile * 10e-3 * std::sqrt(kMessages));
}

INSTANTIATE_TEST_SUITE_P(Fidelities, JitteredMessages, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "schedule" : "message"; });

}  // namespace
}  // namespace descent
