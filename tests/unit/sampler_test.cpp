#include "algorithms/data/sampler.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace descent {
namespace {

std::vector<std::uint32_t> draw(Sampler sampler, std::size_t batch, std::size_t batches) {
  std::vector<std::uint32_t> all;
  for (std::size_t i = 0; i < batches; ++i) {
    const std::vector<std::uint32_t> next = sampler.next(batch);
    EXPECT_EQ(next.size(), batch);
    all.insert(all.end(), next.begin(), next.end());
  }
  return all;
}

TEST(Sampler, EveryEpochIsAPermutationThoughBatchesStraddleEpochs) {
  constexpr std::size_t kShard = 10;
  std::vector<std::uint32_t> all = draw(Sampler(1, 0, kShard), 3, 10);
  std::vector<std::uint32_t> in_order(kShard);
  std::iota(in_order.begin(), in_order.end(), 0U);
  for (auto epoch = all.begin(); epoch != all.end(); epoch += kShard) {
    std::sort(epoch, epoch + kShard);
    EXPECT_TRUE(std::equal(in_order.begin(), in_order.end(), epoch));
  }
}

TEST(Sampler, BatchSizeDoesNotChangeTheSequence) {
  EXPECT_EQ(draw(Sampler(7, 3, 12), 1, 60), draw(Sampler(7, 3, 12), 30, 2));
}

TEST(Sampler, GoesOnBehindWhatItSkips) {
  constexpr std::size_t kShard = 10;
  const std::vector<std::uint32_t> all = draw(Sampler(3, 1, kShard), 1, 60);
  for (const std::size_t before : {0U, 3U, 10U, 17U}) {
    for (const std::size_t skipped : {0U, 1U, 7U, 10U, 13U, 20U, 35U}) {
      Sampler sampler(3, 1, kShard);
      sampler.next(before);
      sampler.skip(skipped);
      const auto behind = all.begin() + static_cast<std::ptrdiff_t>(before + skipped);
      EXPECT_EQ(sampler.next(8), std::vector<std::uint32_t>(behind, behind + 8)) << before << " " << skipped;
    }
  }
}

TEST(Sampler, EpochsShardsAndSeedsDiffer) {
  const std::vector<std::uint32_t> two_epochs = draw(Sampler(1, 0, 100), 100, 2);
  EXPECT_FALSE(std::equal(two_epochs.begin(), two_epochs.begin() + 100, two_epochs.begin() + 100));
  EXPECT_NE(draw(Sampler(1, 0, 100), 100, 1), draw(Sampler(1, 1, 100), 100, 1));
  EXPECT_NE(draw(Sampler(1, 0, 100), 100, 1), draw(Sampler(2, 0, 100), 100, 1));
  EXPECT_EQ(draw(Sampler(1, 0, 100), 100, 1), draw(Sampler(1, 0, 100), 100, 1));
}

TEST(Sampler, PermutationsAreUniform) {
  // Chi-squared over the 3! orders of 6,000 epochs: 5 degrees of freedom, 20.5 at the 0.1 % level.
  std::array<int, 27> counts{};
  Sampler sampler(5, 0, 3);
  for (int epoch = 0; epoch < 6000; ++epoch) {
    const std::vector<std::uint32_t> order = sampler.next(3);
    ++counts[order[0] * 9 + order[1] * 3 + order[2]];
  }
  double statistic = 0;
  int seen = 0;
  for (const int count : counts) {
    if (count > 0) {
      ++seen;
      statistic += (count - 1000.0) * (count - 1000.0) / 1000.0;
    }
  }
  EXPECT_EQ(seen, 6);
  EXPECT_LT(statistic, 20.5);
}

TEST(Sampler, BatchLargerThanTheShard) {
  std::vector<std::uint32_t> batch = Sampler(1, 0, 2).next(6);
  EXPECT_EQ(std::count(batch.begin(), batch.end(), 0U), 3);
  EXPECT_EQ(std::count(batch.begin(), batch.end(), 1U), 3);
}

TEST(Sampler, EmptyShard) {
  Sampler sampler(1, 0, 0);
  EXPECT_TRUE(sampler.next(0).empty());
  EXPECT_THROW(sampler.next(1), std::logic_error);
}

}  // namespace
}  // namespace descent
