#include "sim/disturbance/course.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

using Steps = std::vector<std::pair<double, double>>;

Steps steps_of(const std::vector<Period>& periods) {
  Steps steps;
  const Course course(periods);
  for (const Course::Step& step : course.steps()) {
    steps.emplace_back(step.time, step.factor);
  }
  return steps;
}

TEST(Course, PeriodsMultiplyWhereTheyOverlap) {
  EXPECT_EQ(steps_of({}), Steps());
  EXPECT_EQ(steps_of({{1, 3, 0.5}}), (Steps{{1, 0.5}, {3, 1}}));
  EXPECT_EQ(steps_of({{2, 4, 0.5}, {0, 3, 0.25}}), (Steps{{0, 0.25}, {2, 0.125}, {3, 0.5}, {4, 1}}));
  const Period for_ever{1, INFINITY, 3};
  EXPECT_EQ(steps_of({for_ever}), (Steps{{1, 3}}));
  // One that begins as another with the same factor ends changes nothing.
  EXPECT_EQ(steps_of({{1, 2, 0.5}, {2, 3, 0.5}}), (Steps{{1, 0.5}, {3, 1}}));
}

TEST(Course, HoldsFromItsStartToBeforeItsEnd) {
  const std::vector<Period> periods{{1, 3, 0.5}};
  const Course course(periods);
  EXPECT_EQ(course.at(0), 1);
  EXPECT_EQ(course.at(1), 0.5);
  EXPECT_EQ(course.at(2.999), 0.5);
  EXPECT_EQ(course.at(3), 1);
  EXPECT_EQ(Course().at(7), 1);
}

TEST(Course, EndsWhenTheAmountIsDone) {
  const std::vector<Period> periods{{1, 3, 0.5}, {2, 4, 0.5}};
  const Course course(periods);
  EXPECT_EQ(Course().end(2, 5), 7);
  EXPECT_EQ(course.end(0, 1), 1);
  EXPECT_EQ(course.end(0, 1.25), 1.5);
  EXPECT_EQ(course.end(1.5, 0.125), 1.75);
  // 1 until 1 s, 1/2 until 2 s, 1/4 until 3 s, 1/2 until 4 s.
  EXPECT_EQ(course.end(0, 2.25), 4);
  EXPECT_EQ(course.end(0, 3.25), 5);
  EXPECT_EQ(course.end(10, 1), 11);
}

}  // namespace
}  // namespace descent
