#include "sim/record/observed_parts.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace descent {
namespace {

constexpr std::size_t kSize = 3;

ObservedPart part(std::uint64_t slot, int replica, std::uint64_t samples = 0, int replicas = 3) {
  ObservedPart part;
  part.slot = slot;
  part.samples = samples;
  part.share = {0, replica, replicas};
  part.parameters = Buffer::zeros(Precision::double_precision, kSize).freeze();
  return part;
}

std::vector<int> replicas_of(const std::vector<ObservedPart>& parts) {
  std::vector<int> replicas;
  for (const ObservedPart& one : parts) {
    replicas.push_back(one.share.replica);
  }
  return replicas;
}

using Ranks = std::vector<int>;

TEST(ObservedParts, OfReplicasAreAllOrNone) {
  ObservedParts parts(kSize);
  parts.add(part(0, 2));
  parts.add(part(0, 0));
  EXPECT_TRUE(parts.take().empty());
  parts.add(part(0, 1));
  EXPECT_EQ(replicas_of(parts.take()), (Ranks{0, 1, 2}));
  EXPECT_TRUE(parts.take().empty());
}

TEST(ObservedParts, AreThoseOfTheLivingOnceOneIsLost) {
  ObservedParts parts(kSize);
  for (int replica = 0; replica < 3; ++replica) {
    parts.add(part(0, replica));
  }
  parts.take();
  for (const std::uint64_t slot : {1, 2}) {
    parts.add(part(slot, 0));
    parts.add(part(slot, 2));
    EXPECT_TRUE(parts.take().empty());
  }
  parts.lost(1);
  EXPECT_EQ(parts.take().front().slot, 1U);
  EXPECT_EQ(parts.take().front().slot, 2U);
  // Late.
  parts.returned(1);
  parts.add(part(2, 1));
  EXPECT_TRUE(parts.take().empty());
  // It counts again.
  parts.add(part(3, 0));
  parts.add(part(3, 2));
  EXPECT_TRUE(parts.take().empty());
  parts.add(part(3, 1));
  EXPECT_EQ(replicas_of(parts.take()), (Ranks{0, 1, 2}));
}

/// Where all parts are there before it is known who was down: over MPI.
TEST(ObservedParts, AtTheEndNeedNotBeOfThoseWhoDidNotEnd) {
  ObservedParts parts(kSize);
  // Replica 1 was down at 1, replica 2 for good from 2 on.
  for (const auto& [slot, replicas] :
       std::vector<std::pair<std::uint64_t, Ranks>>{{0, {0, 1, 2}}, {1, {0, 2}}, {2, {0, 1}}, {last_slot, {0, 1}}}) {
    for (const int replica : replicas) {
      parts.add(part(slot, replica, 10 * (slot == last_slot ? 3 : slot + 1)));
    }
    EXPECT_EQ(parts.take().empty(), slot != 0);
  }
  parts.end();
  EXPECT_EQ(replicas_of(parts.take()), (Ranks{0, 2}));
  // Of replica 1 what it had added at 0.
  EXPECT_EQ(parts.samples(), 20U + 10 + 20);
  EXPECT_EQ(replicas_of(parts.take()), (Ranks{0, 1}));
  EXPECT_EQ(parts.samples(), 30U + 30 + 20);
  EXPECT_EQ(parts.take().front().slot, last_slot);
  EXPECT_TRUE(parts.take().empty());
}

/// As without losses ticks that somebody does not see, because it has ended, are left out.
TEST(ObservedParts, ThatSomebodyDoesNotReportAreNone) {
  ObservedParts parts(kSize);
  parts.add(part(1, 0, 0, 2));
  parts.add(part(last_slot, 0, 0, 2));
  parts.add(part(last_slot, 1, 0, 2));
  parts.end();
  EXPECT_EQ(parts.take().front().slot, last_slot);
  EXPECT_TRUE(parts.take().empty());
}

TEST(ObservedParts, OfOneVectorAreItsShares) {
  ObservedParts parts(2 * kSize);
  ObservedPart second = part(4, 0, 0, 1);
  second.share.offset = kSize;
  parts.add(std::move(second));
  EXPECT_TRUE(parts.take().empty());
  parts.add(part(4, 0, 0, 1));
  const auto both = parts.take();
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].share.offset, 0U);
  EXPECT_EQ(both[1].share.offset, kSize);
}

}  // namespace
}  // namespace descent
