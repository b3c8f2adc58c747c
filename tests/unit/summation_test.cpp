// A sum that is formed at once has the bits of the one that messages would have brought about.
#include "algorithms/collectives/summation.hpp"
#include "tests/support/addends.hpp"
#include "tests/support/random_trees.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace descent {
namespace {

using test::addends_of;

/// The schedule played round by round on every rank's own copy: what the executor does by messages.
std::vector<std::vector<float>> played(const Schedule& schedule, const std::vector<Snapshot>& addends) {
  const std::size_t size = addends.front().size();
  std::vector<std::vector<float>> held;
  for (const Snapshot& addend : addends) {
    const auto values = addend.as<float>();
    held.emplace_back(values.begin(), values.end());
  }
  RoundPart part;
  for (std::size_t round = 0; round < schedule.rounds(); ++round) {
    const std::vector<std::vector<float>> before = held;
    for (std::size_t rank = 0; rank < held.size(); ++rank) {
      part.clear();
      schedule.at(round, static_cast<int>(rank), part);
      for (const Reception& reception : part.receives) {
        const Part where = part_of(size, schedule.chunks(), reception.chunk);
        for (std::size_t i = where.begin; i < where.begin + where.count; ++i) {
          const float theirs = before[static_cast<std::size_t>(reception.peer)][i];
          held[rank][i] = reception.then == Reception::Then::add ? held[rank][i] + theirs : theirs;
        }
      }
    }
  }
  return held;
}

void check_bits(const Schedule& schedule, int ranks, std::size_t size, const std::string& name) {
  const std::vector<Snapshot> addends = addends_of(ranks, size);
  const SumOrder order(schedule, ranks);
  Buffer sum(Precision::single_precision, size);
  order.add(addends, 0, size / 3, sum);  // in parts, as several threads do
  order.add(addends, size / 3, size, sum);
  const auto all = played(schedule, addends);
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    ASSERT_EQ(std::memcmp(all[rank].data(), sum.data(), size * sizeof(float)), 0)
        << name << ", " << ranks << " ranks, " << size << " elements, rank " << rank;
  }
}

/// The same schedule, which does not say that it is cyclic.
class Reticent final : public Schedule {
 public:
  explicit Reticent(const Schedule& schedule) : schedule_(schedule) {}
  std::size_t rounds() const override { return schedule_.rounds(); }
  std::size_t chunks() const override { return schedule_.chunks(); }
  void at(std::size_t round, int rank, RoundPart& part) const override { schedule_.at(round, rank, part); }

 private:
  const Schedule& schedule_;
};

TEST(Summation, HasTheBitsOfThePlayedSchedule) {
  for (const CollectiveRow& row : collective_rows()) {
    for (const int ranks : {1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 33}) {
      for (const std::size_t size : {1UL, 16UL, 33UL, 1000UL, 10007UL}) {
        const auto schedule = schedule_of(row, ranks, 4 * size);
        check_bits(*schedule, ranks, size, row.entry.name);
        check_bits(Reticent(*schedule), ranks, size, row.entry.name);
      }
    }
  }
}

TEST(Summation, HasTheBitsOfChunksInUnrelatedOrders) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    check_bits(test::RandomTrees(11, 5, seed), 11, 103, "random trees");
  }
}

TEST(Summation, ChunksOfARingShareTheirSteps) {
  const int ranks = 100;
  const auto ring = schedule_of(find_collective("ring"), ranks, 0);
  for (const bool says_so : {true, false}) {
    const Reticent reticent(*ring);
    const SumOrder order(says_so ? *ring : reticent, ranks);
    for (std::size_t chunk = 0; chunk < order.chunks(); ++chunk) {
      EXPECT_EQ(order.program(chunk).steps.data(), order.program(0).steps.data());
      EXPECT_EQ(order.program(chunk).steps.size(), static_cast<std::size_t>(ranks));
    }
    EXPECT_EQ(order.depth(), 1U);
  }
}

TEST(Summation, ATreeHoldsOnePartialSumForEachLevel) {
  const auto tree = schedule_of(find_collective("tree"), 64, 0);
  EXPECT_LE(SumOrder(*tree, 64).depth(), 6U);
}

TEST(Summation, RanksOfACyclicScheduleDoWhatRank0Does) {
  const int ranks = 13;
  for (const CollectiveRow& row : collective_rows()) {
    const auto schedule = schedule_of(row, ranks, 1U << 20U);
    if (!schedule->cyclic()) {
      continue;
    }
    ASSERT_EQ(schedule->chunks(), static_cast<std::size_t>(ranks));
    for (std::size_t round = 0; round < schedule->rounds(); ++round) {
      RoundPart first;
      schedule->at(round, 0, first);
      for (int rank = 1; rank < ranks; ++rank) {
        RoundPart part;
        schedule->at(round, rank, part);
        ASSERT_EQ(part.sends.size(), first.sends.size());
        for (std::size_t i = 0; i < part.sends.size(); ++i) {
          EXPECT_EQ(part.sends[i].peer, (first.sends[i].peer + rank) % ranks);
          EXPECT_EQ(part.sends[i].chunk, (first.sends[i].chunk + static_cast<std::size_t>(rank)) % ranks);
        }
        ASSERT_EQ(part.receives.size(), first.receives.size());
        for (std::size_t i = 0; i < part.receives.size(); ++i) {
          EXPECT_EQ(part.receives[i].peer, (first.receives[i].peer + rank) % ranks);
          EXPECT_EQ(part.receives[i].chunk, (first.receives[i].chunk + static_cast<std::size_t>(rank)) % ranks);
          EXPECT_EQ(part.receives[i].then, first.receives[i].then);
        }
      }
    }
  }
}

TEST(Summation, RoundsOfOnePatternHaveTheSamePeers) {
  for (const CollectiveRow& row : collective_rows()) {
    const int ranks = 13;
    const auto schedule = schedule_of(row, ranks, 1000);
    std::vector<RoundPart> first(static_cast<std::size_t>(ranks));
    std::size_t patterns = 0;
    for (std::size_t round = 0; round < schedule->rounds(); ++round) {
      const std::size_t pattern = schedule->pattern(round);
      ASSERT_LE(pattern, patterns);
      for (int rank = 0; rank < ranks; ++rank) {
        RoundPart part;
        schedule->at(round, rank, part);
        RoundPart& known = first[static_cast<std::size_t>(rank)];
        if (pattern == patterns) {
          known = part;
        }
        ASSERT_EQ(part.sends.size(), known.sends.size());
        ASSERT_EQ(part.receives.size(), known.receives.size());
        for (std::size_t i = 0; i < part.sends.size(); ++i) {
          EXPECT_EQ(part.sends[i].peer, known.sends[i].peer) << row.entry.name;
        }
        for (std::size_t i = 0; i < part.receives.size(); ++i) {
          EXPECT_EQ(part.receives[i].peer, known.receives[i].peer) << row.entry.name;
        }
      }
      patterns = std::max(patterns, pattern + 1);
    }
  }
}

}  // namespace
}  // namespace descent
