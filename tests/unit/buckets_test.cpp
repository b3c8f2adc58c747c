#include "algorithms/strategies/buckets.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace descent {
namespace {

/// Weights and bias of two layers; a fifth of the work is forward.
const std::vector<Tensor> kTensors{{10, 20, 0.4}, {10, 1, 0.1}, {5, 10, 0.2}, {5, 1, 0.1}};

TEST(Buckets, BeginWithTheLastTensorsAndHoldWholeOnes) {
  const std::vector<Bucket> buckets = buckets_of(kTensors, 4, 240);  // 60 parameters
  ASSERT_EQ(buckets.size(), 3U);
  EXPECT_EQ(buckets[0].where.begin, 210U);  // 5 + 50
  EXPECT_EQ(buckets[0].where.count, 55U);
  EXPECT_DOUBLE_EQ(buckets[0].share, 0.2 + 0.1 + 0.2);
  EXPECT_EQ(buckets[1].where.begin, 200U);
  EXPECT_EQ(buckets[1].where.count, 10U);
  EXPECT_DOUBLE_EQ(buckets[1].share, 0.1);
  EXPECT_EQ(buckets[2].where.begin, 0U);
  EXPECT_EQ(buckets[2].where.count, 200U);  // larger than a bucket, and whole
  EXPECT_DOUBLE_EQ(buckets[2].share, 0.4);
}

TEST(Buckets, AreOneWhereAllFitsAndOnePerTensorWhereNothingDoes) {
  const std::vector<Bucket> one = buckets_of(kTensors, 4, 1e6);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].where.count, 265U);
  EXPECT_DOUBLE_EQ(one[0].share, 1);
  EXPECT_EQ(buckets_of(kTensors, 4, 1).size(), 4U);
}

TEST(Buckets, AreCutByShards) {
  const std::vector<Bucket> buckets = buckets_of(kTensors, 4, 240);
  std::size_t covered = 0;
  for (std::size_t server = 0; server < 3; ++server) {
    const Part shard = part_of(265, 3, server);
    for (const Part& piece : pieces_in(shard, buckets)) {
      EXPECT_GE(piece.begin, shard.begin);
      EXPECT_LE(piece.begin + piece.count, shard.begin + shard.count);
      covered += piece.count;
    }
  }
  EXPECT_EQ(covered, 265U);
}

}  // namespace
}  // namespace descent
