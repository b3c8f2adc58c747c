#include "algorithms/optimizers/schedules.hpp"
#include "algorithms/core/error.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <limits>

namespace descent {
namespace {

std::unique_ptr<LearningRateSchedule> schedule(const std::string& name,
                                               const std::map<std::string, std::string>& given = {},
                                               std::size_t workers = 1) {
  for (const ScheduleRow& row : schedule_rows()) {
    if (row.entry.name == name) {
      std::vector<Complaint> complaints;
      const Settings settings = check_settings(row.entry.parameters, given, complaints);
      EXPECT_TRUE(complaints.empty()) << complaints.front().what;
      return make_schedule(name, settings, workers);
    }
  }
  return nullptr;
}

TEST(Schedules, Constant) {
  const auto constant = schedule("constant");
  EXPECT_EQ(constant->factor(0), 1);
  EXPECT_EQ(constant->factor(1000000), 1);
}

TEST(Schedules, Step) {
  const auto step = schedule("step", {{"every", "10"}, {"gamma", "0.5"}});
  EXPECT_EQ(step->factor(0), 1);
  EXPECT_EQ(step->factor(9), 1);
  EXPECT_EQ(step->factor(10), 0.5);
  EXPECT_EQ(step->factor(19), 0.5);
  EXPECT_EQ(step->factor(35), 0.125);
  EXPECT_DOUBLE_EQ(schedule("step", {{"every", "3"}})->factor(6), 0.01);
}

TEST(Schedules, InverseTime) {
  const auto inverse = schedule("inverse-time", {{"decay", "0.25"}});
  EXPECT_EQ(inverse->factor(0), 1);
  EXPECT_DOUBLE_EQ(inverse->factor(1), 0.8);
  EXPECT_DOUBLE_EQ(inverse->factor(4), 0.5);
  EXPECT_DOUBLE_EQ(inverse->factor(36), 0.1);
}

TEST(Schedules, Exponential) {
  const auto exponential = schedule("exponential", {{"gamma", "0.5"}});
  EXPECT_EQ(exponential->factor(0), 1);
  EXPECT_EQ(exponential->factor(1), 0.5);
  EXPECT_EQ(exponential->factor(10), std::pow(2, -10));
  EXPECT_EQ(exponential->factor(std::numeric_limits<std::uint64_t>::max()), 0);
}

TEST(Schedules, InverseSqrt) {
  const auto inverse = schedule("inverse-sqrt");
  EXPECT_EQ(inverse->factor(0), 1);
  EXPECT_DOUBLE_EQ(inverse->factor(1), 1 / std::sqrt(2));
  EXPECT_EQ(inverse->factor(3), 0.5);
  EXPECT_DOUBLE_EQ(inverse->factor(99), 0.1);
}

TEST(Schedules, Polynomial) {
  const auto line = schedule("polynomial", {{"steps", "100"}, {"final", "0.2"}});
  EXPECT_EQ(line->factor(0), 1);
  EXPECT_NEAR(line->factor(25), 0.8, 1e-15);
  EXPECT_NEAR(line->factor(100), 0.2, 1e-15);
  const auto square = schedule("polynomial", {{"steps", "10"}, {"power", "2"}});
  EXPECT_NEAR(square->factor(5), 0.25, 1e-15);
  EXPECT_NEAR(square->factor(9), 0.01, 1e-15);
  EXPECT_EQ(square->factor(10), 0);
  EXPECT_EQ(square->factor(std::numeric_limits<std::uint64_t>::max()), 0);
}

TEST(Schedules, Cosine) {
  const auto cosine = schedule("cosine", {{"steps", "100"}, {"final", "0.2"}});
  EXPECT_EQ(cosine->factor(0), 1);
  EXPECT_NEAR(cosine->factor(50), 0.6, 1e-15);
  EXPECT_NEAR(cosine->factor(25), 0.2 + 0.8 * 0.5 * (1 + std::sqrt(0.5)), 1e-15);
  EXPECT_NEAR(cosine->factor(100), 0.2, 1e-15);
  EXPECT_NEAR(cosine->factor(std::numeric_limits<std::uint64_t>::max()), 0.2, 1e-15);
  EXPECT_NEAR(schedule("cosine", {{"steps", "8"}})->factor(8), 0, 1e-15);
}

TEST(Schedules, WarmUpComesBeforeTheScheduleCounts) {
  const auto constant = schedule("constant", {{"warmup", "4"}});
  EXPECT_EQ(constant->factor(0), 0.25);
  EXPECT_EQ(constant->factor(1), 0.5);
  EXPECT_EQ(constant->factor(3), 1);
  EXPECT_EQ(constant->factor(4), 1);
  const auto step = schedule("step", {{"every", "10"}, {"gamma", "0.5"}, {"warmup", "5"}});
  EXPECT_EQ(step->factor(0), 0.2);
  EXPECT_EQ(step->factor(4), 1);
  EXPECT_EQ(step->factor(14), 1);
  EXPECT_EQ(step->factor(15), 0.5);
  EXPECT_DOUBLE_EQ(schedule("inverse-time", {{"decay", "1"}, {"warmup", "1"}})->factor(2), 0.5);
}

TEST(Schedules, ScaleWithTheWorkers) {
  EXPECT_EQ(schedule("constant", {}, 16)->factor(5), 1);
  EXPECT_EQ(schedule("constant", {{"scale", "none"}, {"warmup", "4"}}, 16)->factor(0), 0.25);
  EXPECT_EQ(schedule("constant", {{"scale", "linear"}}, 16)->factor(5), 16);
  EXPECT_EQ(schedule("constant", {{"scale", "sqrt"}}, 16)->factor(5), 4);
  EXPECT_EQ(schedule("inverse-time", {{"decay", "1"}, {"scale", "linear"}}, 16)->factor(3), 4);
}

TEST(Schedules, AScaledWarmUpRisesFromOneToTheScale) {
  const auto linear = schedule("step", {{"every", "10"}, {"gamma", "0.5"}, {"scale", "linear"}, {"warmup", "5"}}, 16);
  for (std::uint64_t step = 0; step <= 5; ++step) {
    EXPECT_DOUBLE_EQ(linear->factor(step), 1 + 3 * static_cast<double>(step)) << step;
  }
  EXPECT_EQ(linear->factor(14), 16);
  EXPECT_EQ(linear->factor(15), 8);
  EXPECT_DOUBLE_EQ(schedule("constant", {{"scale", "sqrt"}, {"warmup", "2"}}, 9)->factor(1), 2);
  EXPECT_EQ(schedule("constant", {{"scale", "linear"}, {"warmup", "5"}}, 1)->factor(0), 1);
}

TEST(Schedules, ComplainAboutWhatTheyCannotUse) {
  const std::pair<const char*, std::map<std::string, std::string>> bad[] = {
      {"constant", {{"warmup", "-1"}}},
      {"step", {}},
      {"step", {{"every", "0"}}},
      {"step", {{"every", "5"}, {"gamma", "0"}}},
      {"inverse-time", {}},
      {"inverse-time", {{"decay", "-1"}}},
      {"constant", {{"scale", "cubic"}}},
      {"exponential", {}},
      {"exponential", {{"gamma", "0"}}},
      {"polynomial", {}},
      {"polynomial", {{"steps", "10"}, {"power", "0"}}},
      {"cosine", {}},
      {"cosine", {{"steps", "0"}}},
      {"cosine", {{"steps", "10"}, {"final", "1.5"}}},
  };
  for (const auto& [name, given] : bad) {
    for (const ScheduleRow& row : schedule_rows()) {
      if (row.entry.name == name) {
        std::vector<Complaint> complaints;
        check_settings(row.entry.parameters, given, complaints);
        EXPECT_EQ(complaints.size(), 1U) << name;
      }
    }
  }
  EXPECT_THROW(make_schedule("cosin", Settings()), InputError);
}

}  // namespace
}  // namespace descent
