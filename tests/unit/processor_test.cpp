#include "sim/mpi/processor.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace descent::mpi {
namespace {

struct StretchObserver final : Observer {
  std::vector<std::pair<double, double>> stretches;

  void initial(std::size_t, const Snapshot&, double) override {}
  void updated(const Update&, double) override {}
  void finished(std::size_t, const Snapshot&, double) override {}
  bool target_met() override { return false; }
  void sent(int, std::uint64_t, double) override {}
  void received(int, std::uint64_t, double, double) override {}
  void spent(Activity activity, double begin, double end, std::string_view) override {
    EXPECT_EQ(activity, Activity::compute);
    stretches.emplace_back(begin, end);
  }
};

using Stretches = std::vector<std::pair<double, double>>;

TEST(Processor, CountsTimeWithATask) {
  StretchObserver observer;
  Processor processor(observer);
  const auto task = processor.begin(1);
  EXPECT_EQ(processor.busy_seconds(2), 1);
  processor.end(task, 4);  // a paced task: the end is in the future
  EXPECT_EQ(processor.busy_seconds(3), 2);
  EXPECT_TRUE(observer.stretches.empty());
  EXPECT_EQ(processor.busy_seconds(10), 3);
  EXPECT_EQ(observer.stretches, (Stretches{{1, 4}}));
}

TEST(Processor, OverlappingTasksCountOnce) {
  StretchObserver observer;
  Processor processor(observer);
  processor.end(processor.begin(0), 2);
  processor.end(processor.begin(1), 3);
  processor.end(processor.begin(5), 6);
  EXPECT_EQ(processor.busy_seconds(7), 4);
  EXPECT_EQ(observer.stretches, (Stretches{{0, 3}, {5, 6}}));
}

TEST(Processor, ACancelledTaskEndsEarlier) {
  StretchObserver observer;
  Processor processor(observer);
  const auto task = processor.begin(0);
  processor.end(task, 10);
  processor.end(task, 4);
  processor.end(task, 8);  // an end never moves back
  EXPECT_EQ(processor.busy_seconds(9), 4);
}

TEST(Processor, StopEndsWhatStillRuns) {
  StretchObserver observer;
  Processor processor(observer);
  processor.end(processor.begin(1), 100);
  processor.stop(3);
  EXPECT_EQ(observer.stretches, (Stretches{{1, 3}}));
}

}  // namespace
}  // namespace descent::mpi
