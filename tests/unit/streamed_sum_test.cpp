// Deferred addends make no difference to a sum, and are computed seldom and few at a time.
#include "algorithms/collectives/streamed_sum.hpp"
#include "tests/support/addends.hpp"
#include "tests/support/collective_forms.hpp"
#include "tests/support/random_trees.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace descent {
namespace {

/// Counts computations of deferred vectors, and how many of the results there are at a time.
struct Counts {
  explicit Counts(std::size_t ranks) : computations(ranks) {}

  std::vector<std::atomic<int>> computations;
  std::atomic<int> live = 0;
  std::atomic<int> most_live = 0;

  std::shared_ptr<const void> one_more() {
    for (int now = ++live, most = most_live; now > most && !most_live.compare_exchange_weak(most, now);) {
    }
    return {this, [this](const void*) { --live; }};
  }
};

/// The same vectors, some of them deferred.
std::vector<Snapshot> deferring(const std::vector<Snapshot>& addends, Counts& counts,
                                const std::function<bool(std::size_t)>& which) {
  std::vector<Snapshot> mixed = addends;
  for (std::size_t rank = 0; rank < addends.size(); ++rank) {
    if (which(rank)) {
      mixed[rank] = Snapshot::deferred(addends[rank].precision(), addends[rank].size(), [&, rank] {
        ++counts.computations[rank];
        return Buffer::from(addends[rank]).freeze().with(counts.one_more());
      });
    }
  }
  return mixed;
}

Snapshot streamed(const std::shared_ptr<const SumOrder>& order, std::vector<Snapshot> addends, std::size_t count) {
  StreamedSum sum(order, std::move(addends));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&] { sum.work(); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return std::move(sum).take();
}

std::string at_hand(const SumOrder& order, const std::vector<Snapshot>& addends) {
  Buffer sum(addends.front().precision(), addends.front().size());
  order.add(addends, 0, sum.size(), sum);
  return std::move(sum).freeze().digest();
}

/// Sums with all, some and no addends deferred, on one thread and on several.
void check(const Schedule& schedule, int ranks, std::size_t size, int most_computations, const std::string& where) {
  const std::vector<Snapshot> addends = test::addends_of(ranks, size);
  const auto order = std::make_shared<SumOrder>(schedule, ranks);
  const std::string digest = at_hand(*order, addends);
  const std::function<bool(std::size_t)> choices[] = {[](std::size_t) { return true; },
                                                      [](std::size_t rank) { return rank % 3 == 1; },
                                                      [](std::size_t) { return false; }};
  for (const auto& which : choices) {
    for (const int threads : {1, 3}) {
      Counts counts(addends.size());
      const Snapshot sum = streamed(order, deferring(addends, counts, which), static_cast<std::size_t>(threads));
      ASSERT_EQ(sum.digest(), digest) << where;
      ASSERT_EQ(counts.live, 0) << where;
      ASSERT_LE(counts.most_live, threads) << where;
      for (std::size_t rank = 0; rank < addends.size(); ++rank) {
        ASSERT_LE(counts.computations[rank], most_computations) << where;
        ASSERT_EQ(counts.computations[rank] > 0, which(rank)) << where;
      }
    }
  }
}

TEST(StreamedSum, HasTheSameBitsForEveryCollective) {
  for (const int ranks : {1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 33}) {
    for (const test::CollectiveCase& which : test::collective_cases(ranks)) {
      for (const std::size_t size : {1UL, 33UL, 1001UL, 5003UL}) {
        const auto schedule = which.schedule(ranks, 4 * size);
        // Rings within rings: twice as often for each. Nodes of several sizes: once more.
        const int most = schedule->one_order() ? 1 : which.name == "torus" ? 4 : which.name == "two-level" ? 3 : 2;
        check(*schedule, ranks, size, most, which.describe() + ", " + std::to_string(ranks) + " ranks");
      }
    }
  }
}

TEST(StreamedSum, HasTheSameBitsForAVectorOfManyPieces) {
  for (const char* name : {"ring", "tree"}) {
    const auto schedule = test::allreduce_schedule(name, 3);
    check(*schedule, 3, 1000003, 2, name);
  }
}

TEST(StreamedSum, HasTheSameBitsForChunksInUnrelatedOrders) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const test::RandomTrees schedule(9, 4, seed);
    check(schedule, 9, 101, 4, "seed " + std::to_string(seed));
  }
}

TEST(StreamedSum, AFailedComputationComesOutAndStopsNobody) {
  const auto order = std::make_shared<SumOrder>(*test::allreduce_schedule("ring", 8), 8);
  std::vector<Snapshot> addends = test::addends_of(8, 100);
  addends[3] = Snapshot::deferred(Precision::single_precision, 100,
                                  []() -> Snapshot { throw std::runtime_error("no gradient"); });
  StreamedSum sum(order, addends);
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      try {
        sum.work();
      } catch (const std::runtime_error&) {
        ++failures;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_GE(failures, 1);
}

}  // namespace
}  // namespace descent
