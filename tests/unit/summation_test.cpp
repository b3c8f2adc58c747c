// A sum that is formed at once has the bits of the one that messages would have brought about.
#include "algorithms/collectives/summation.hpp"
#include "algorithms/core/random.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace descent {
namespace {

/// Vectors whose sum depends on the order of the additions.
std::vector<Snapshot> addends_of(int ranks, std::size_t size) {
  std::vector<Snapshot> addends;
  for (int rank = 0; rank < ranks; ++rank) {
    RandomStream random(7, Purpose::test, static_cast<std::uint64_t>(rank), size);
    Buffer buffer(Precision::single_precision, size);
    for (float& value : buffer.as<float>()) {
      value = static_cast<float>(random()) / 1e9F - 2 + 1000 * static_cast<float>(random() % 3);
    }
    addends.push_back(std::move(buffer).freeze());
  }
  return addends;
}

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

TEST(Summation, HasTheBitsOfThePlayedSchedule) {
  for (const CollectiveRow& row : collective_rows()) {
    for (const int ranks : {1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 33}) {
      for (const std::size_t size : {1UL, 16UL, 33UL, 1000UL, 10007UL}) {
        const auto schedule = schedule_of(row, ranks, 4 * size);
        const std::vector<Snapshot> addends = addends_of(ranks, size);
        const SumOrder order(*schedule, ranks);
        Buffer sum(Precision::single_precision, size);
        order.add(addends, 0, size / 3, sum);  // in parts, as several threads do
        order.add(addends, size / 3, size, sum);
        const auto all = played(*schedule, addends);
        for (std::size_t rank = 0; rank < all.size(); ++rank) {
          ASSERT_EQ(std::memcmp(all[rank].data(), sum.data(), size * sizeof(float)), 0)
              << row.entry.name << ", " << ranks << " ranks, " << size << " elements, rank " << rank;
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
