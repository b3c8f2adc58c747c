#include "algorithms/optimizers/schedules.hpp"
#include "algorithms/core/error.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <limits>

namespace descent {
namespace {

std::unique_ptr<LearningRateSchedule> schedule(const std::string& name,
                                               const std::map<std::string, std::string>& given = {}) {
  for (const ScheduleRow& row : schedule_rows()) {
    if (row.entry.name == name) {
      std::vector<Complaint> complaints;
      const Settings settings = check_settings(row.entry.parameters, given, complaints);
      EXPECT_TRUE(complaints.empty()) << complaints.front().what;
      return make_schedule(name, settings);
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

TEST(Schedules, ComplainAboutWhatTheyCannotUse) {
  const std::pair<const char*, std::map<std::string, std::string>> bad[] = {
      {"constant", {{"warmup", "-1"}}},
      {"step", {}},
      {"step", {{"every", "0"}}},
      {"step", {{"every", "5"}, {"gamma", "0"}}},
      {"inverse-time", {}},
      {"inverse-time", {{"decay", "-1"}}},
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
