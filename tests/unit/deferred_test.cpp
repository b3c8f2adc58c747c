// A deferred vector is the vector it computes, whoever reads it and how.
#include "algorithms/math/vector.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace descent {
namespace {

constexpr std::size_t kCount = 10;

Snapshot counting_up() {
  Buffer buffer(Precision::single_precision, kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    buffer.as<float>()(static_cast<Eigen::Index>(i)) = static_cast<float>(i);
  }
  return std::move(buffer).freeze();
}

struct DeferredVector : ::testing::Test {
  std::atomic<int> computations = 0;
  Snapshot deferred = Snapshot::deferred(Precision::single_precision, kCount, [this] {
    ++computations;
    return counting_up();
  });
};

TEST_F(DeferredVector, IsNotComputedUntilItIsRead) {
  const Snapshot part = deferred.slice(2, 3);
  EXPECT_TRUE(part.is_deferred());
  EXPECT_FALSE(part.is_placeholder());
  EXPECT_EQ(part.bytes(), 12U);
  EXPECT_EQ(computations, 0);
}

TEST_F(DeferredVector, IsKeptForAllHoldersOnceItIsRead) {
  const Snapshot part = deferred.slice(2, 3);
  EXPECT_EQ(part.as<float>()(0), 2);
  EXPECT_FALSE(deferred.is_deferred());
  EXPECT_EQ(deferred.as<float>()(9), 9);
  EXPECT_EQ(deferred.data() + 8, part.data());
  EXPECT_EQ(deferred.computed().data(), deferred.data());
  EXPECT_EQ(computations, 1);
}

TEST_F(DeferredVector, IsComputedOnceByManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this] { EXPECT_EQ(deferred.as<float>()(5), 5); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(computations, 1);
}

TEST_F(DeferredVector, IsNotKeptByWhoNeedsItForAMoment) {
  const Snapshot whole = deferred.computed();
  EXPECT_TRUE(whole.is_only_one());
  EXPECT_EQ(whole.digest(), counting_up().digest());
  EXPECT_EQ(deferred.slice(4, 2).computed().digest(), counting_up().slice(4, 2).digest());
  EXPECT_TRUE(deferred.is_deferred());
  EXPECT_EQ(computations, 2);
}

TEST_F(DeferredVector, GoesWhereverAVectorGoes) {
  const Snapshot plain = counting_up();
  EXPECT_EQ(deferred.digest(), plain.digest());
  const auto fresh = [&] { return Snapshot::deferred(Precision::single_precision, kCount, counting_up); };
  EXPECT_EQ(Buffer::from(fresh()).freeze().digest(), plain.digest());
  EXPECT_EQ(sum(fresh(), plain).digest(), sum(plain, plain).digest());
  EXPECT_EQ(sum(plain, fresh()).digest(), sum(plain, plain).digest());
  const Snapshot halves = fresh();
  EXPECT_EQ(join(std::vector{halves.slice(0, 5), halves.slice(5, 5)}).digest(), plain.digest());
  Buffer added = Buffer::from(plain);
  added.add(3, fresh().slice(3, 7));
  added.store(0, fresh().slice(0, 3));
  EXPECT_EQ(std::move(added).freeze().as<float>()(9), 18);
}

TEST_F(DeferredVector, HasAnIdentity) {
  const Snapshot::Identity identity = deferred.identity();
  EXPECT_TRUE(identity.is(deferred));
  EXPECT_FALSE(identity.is(deferred.slice(0, 5)));
  EXPECT_FALSE(identity.gone());
  deferred = {};
  EXPECT_TRUE(identity.gone());
}

TEST(Companion, GoesWithTheMemory) {
  auto companion = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = companion;
  Snapshot vector = counting_up().with(std::move(companion));
  EXPECT_TRUE(vector.is_only_one());
  Snapshot part = vector.slice(1, 2);
  vector = {};
  EXPECT_FALSE(watched.expired());
  Buffer buffer = Buffer::from(part.slice(0, 1));
  part = {};
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace descent
