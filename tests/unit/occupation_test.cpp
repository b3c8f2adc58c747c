#include "algorithms/comm/occupation.hpp"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace descent {
namespace {

using Stretch = std::tuple<Activity, double, double>;
constexpr Activity kCompute = Activity::compute;
constexpr Activity kCommunicate = Activity::communicate;
constexpr Activity kIdle = Activity::idle;

struct StretchObserver final : Observer {
  std::vector<Stretch> stretches;

  void initial(const Share&, const Snapshot&, double) override {}
  void updated(const Update&, double) override {}
  void wasted(double) override {}
  void finished(const Share&, const Snapshot&, double) override {}
  bool target_met() override { return false; }
  void sent(int, std::uint64_t, double) override {}
  void sent_together(std::uint64_t, std::uint64_t, double) override {}
  void received(int, std::uint64_t, double, double) override {}
  void spent(Activity activity, double begin, double end) override { stretches.emplace_back(activity, begin, end); }
};

struct OccupationTest : ::testing::Test {
  StretchObserver observer;
  Occupation occupation{observer};

  void expect(double end, const std::vector<Stretch>& stretches) {
    occupation.finish(end);
    EXPECT_EQ(observer.stretches, stretches);
  }
};

TEST_F(OccupationTest, WithoutAnythingIsIdle) {
  expect(3, {{kIdle, 0, 3}});
}

TEST_F(OccupationTest, ATaskWhoseEndIsInTheFutureEndsThen) {
  const auto task = occupation.task_begins(1);
  occupation.task_ends(task, 4, 2);
  expect(10, {{kIdle, 0, 1}, {kCompute, 1, 4}, {kIdle, 4, 10}});
}

TEST_F(OccupationTest, OverlappingTasksCountOnce) {
  const auto a = occupation.task_begins(0);
  const auto b = occupation.task_begins(1);
  occupation.task_ends(a, 2, 2);
  occupation.task_ends(b, 3, 3);
  const auto c = occupation.task_begins(5);
  occupation.task_ends(c, 6, 6);
  expect(7, {{kCompute, 0, 3}, {kIdle, 3, 5}, {kCompute, 5, 6}, {kIdle, 6, 7}});
}

TEST_F(OccupationTest, ACancelledTaskEndsEarlierAndNeverLater) {
  const auto task = occupation.task_begins(0);
  occupation.task_ends(task, 10, 1);
  occupation.task_ends(task, 4, 4);
  occupation.task_ends(task, 8, 5);
  expect(9, {{kCompute, 0, 4}, {kIdle, 4, 9}});
}

TEST_F(OccupationTest, TheEndOfTheRunCutsATaskOff) {
  const auto task = occupation.task_begins(1);
  occupation.task_ends(task, 100, 1);
  expect(3, {{kIdle, 0, 1}, {kCompute, 1, 3}});
}

TEST_F(OccupationTest, TransfersAreSeenWhereNothingIsComputed) {
  occupation.transfer_begins(0, 0);
  const auto task = occupation.task_begins(1);
  occupation.task_ends(task, 2, 2);
  occupation.transfer_begins(3, 3);
  occupation.transfer_ends(4);
  occupation.transfer_ends(6);
  expect(7, {{kCommunicate, 0, 1}, {kCompute, 1, 2}, {kCommunicate, 2, 6}, {kIdle, 6, 7}});
}

TEST_F(OccupationTest, AMessageThatIsNoticedLateWasOnItsWayBefore) {
  const auto task = occupation.task_begins(0);
  occupation.task_ends(task, 1, 1);
  occupation.transfer_begins(2, 5);
  occupation.transfer_ends(5);
  occupation.transfer_begins(4, 6);  // not before what has been told already
  occupation.transfer_ends(6);
  expect(6, {{kCompute, 0, 1}, {kIdle, 1, 2}, {kCommunicate, 2, 5}, {kCommunicate, 5, 6}});
}

TEST_F(OccupationTest, NothingCountsAfterTheEnd) {
  occupation.finish(1);
  occupation.transfer_begins(1, 2);
  expect(3, {{kIdle, 0, 1}});
}

}  // namespace
}  // namespace descent
