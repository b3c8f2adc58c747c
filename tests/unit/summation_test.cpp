// A sum that is formed at once has the bits of the one that messages would have brought about.
#include "algorithms/collectives/summation.hpp"
#include "algorithms/collectives/chunk_layout.hpp"
#include "tests/support/addends.hpp"
#include "tests/support/collective_forms.hpp"
#include "tests/support/random_trees.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>
#include <utility>
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
        const Part where = ChunkLayout(size, schedule.chunks()).part(reception.chunks);
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

std::vector<test::CollectiveCase> every_case(int ranks) {
  std::vector<test::CollectiveCase> cases = test::collective_cases(ranks);
  cases.push_back({"double-tree", {{"segment-bytes", "100B"}}});
  cases.push_back({"native"});
  return cases;
}

/// The same schedule, which does not say that it is cyclic, nor that it has halves.
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
  for (const int ranks : {1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 33}) {
    for (const test::CollectiveCase& which : every_case(ranks)) {
      for (const std::size_t size : {1UL, 16UL, 33UL, 1000UL, ranks > 8 ? 2003UL : 10007UL}) {
        const auto schedule = which.schedule(ranks, 4 * size);
        check_bits(*schedule, ranks, size, which.describe());
        check_bits(Reticent(*schedule), ranks, size, which.describe());
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
  const auto ring = test::allreduce_schedule("ring", ranks);
  for (const bool says_so : {true, false}) {
    const Reticent reticent(*ring);
    const SumOrder order(says_so ? *ring : reticent, ranks);
    for (std::size_t chunk = 0; chunk < order.sections(); ++chunk) {
      EXPECT_EQ(order.program(chunk).steps.data(), order.program(0).steps.data());
      EXPECT_EQ(order.program(chunk).steps.size(), static_cast<std::size_t>(ranks));
    }
    EXPECT_EQ(order.depth(), 1U);
  }
}

TEST(Summation, ATreeHoldsOnePartialSumForEachLevel) {
  const auto tree = test::allreduce_schedule("tree", 64);
  EXPECT_LE(SumOrder(*tree, 64).depth(), 6U);
}

TEST(Summation, RanksOfACyclicScheduleDoWhatRank0Does) {
  const int ranks = 13;
  for (const test::CollectiveCase& which : every_case(ranks)) {
    const auto schedule = which.schedule(ranks, 1U << 20U);
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
          EXPECT_EQ(part.sends[i].chunks.begin, (first.sends[i].chunks.begin + static_cast<std::size_t>(rank)) % ranks);
        }
        ASSERT_EQ(part.receives.size(), first.receives.size());
        for (std::size_t i = 0; i < part.receives.size(); ++i) {
          EXPECT_EQ(part.receives[i].peer, (first.receives[i].peer + rank) % ranks);
          EXPECT_EQ(part.receives[i].chunks.begin,
                    (first.receives[i].chunks.begin + static_cast<std::size_t>(rank)) % ranks);
          EXPECT_EQ(part.receives[i].then, first.receives[i].then);
        }
      }
    }
  }
}

/// Rounds of one pattern: the same peers, and as many chunks.
void check_patterns(const Schedule& schedule, int ranks, const std::string& where) {
  std::vector<std::vector<RoundPart>> first;  // by pattern and rank
  for (std::size_t round = 0; round < schedule.rounds(); ++round) {
    const std::size_t pattern = schedule.pattern(round);
    ASSERT_LE(pattern, first.size()) << where;
    if (pattern == first.size()) {
      first.emplace_back(static_cast<std::size_t>(ranks));
      for (int rank = 0; rank < ranks; ++rank) {
        schedule.at(round, rank, first.back()[static_cast<std::size_t>(rank)]);
      }
    }
    for (int rank = 0; rank < ranks; ++rank) {
      RoundPart part;
      schedule.at(round, rank, part);
      const RoundPart& known = first[pattern][static_cast<std::size_t>(rank)];
      ASSERT_EQ(part.sends.size(), known.sends.size()) << where;
      ASSERT_EQ(part.receives.size(), known.receives.size()) << where;
      for (std::size_t i = 0; i < part.sends.size(); ++i) {
        EXPECT_EQ(part.sends[i].peer, known.sends[i].peer) << where;
        EXPECT_EQ(part.sends[i].chunks.count, known.sends[i].chunks.count) << where;
      }
      for (std::size_t i = 0; i < part.receives.size(); ++i) {
        EXPECT_EQ(part.receives[i].peer, known.receives[i].peer) << where;
        EXPECT_EQ(part.receives[i].chunks.count, known.receives[i].chunks.count) << where;
      }
    }
  }
}

TEST(Summation, RoundsOfOnePatternHaveTheSamePeers) {
  for (const int ranks : {1, 2, 5, 8, 12, 13}) {
    for (const test::CollectiveCase& which : every_case(ranks)) {
      for (const std::uint64_t bytes : {100U, 1000U, 10'000'000U}) {
        for (const CollectiveOperation operation : test::operations_of(which)) {
          check_patterns(*which.schedule(ranks, bytes, operation), ranks, which.describe());
        }
      }
    }
  }
}

/// What is received in a round is sent in it, once.
TEST(Summation, WhatIsTakenIsSent) {
  for (const int ranks : {1, 2, 3, 6, 8, 13, 16}) {
    for (const test::CollectiveCase& which : every_case(ranks)) {
      const auto schedule = which.schedule(ranks, 3000);
      for (std::size_t round = 0; round < schedule->rounds(); ++round) {
        std::map<std::pair<int, int>, std::size_t> under_way;
        RoundPart part;
        for (int rank = 0; rank < ranks; ++rank) {
          part.clear();
          schedule->at(round, rank, part);
          for (const Transfer& send : part.sends) {
            const bool is_new = under_way.emplace(std::pair(rank, send.peer), send.chunks.begin).second;
            EXPECT_TRUE(is_new && send.peer != rank) << which.describe();
          }
        }
        for (int rank = 0; rank < ranks; ++rank) {
          part.clear();
          schedule->at(round, rank, part);
          for (const Reception& reception : part.receives) {
            const auto sent = under_way.find({reception.peer, rank});
            ASSERT_NE(sent, under_way.end()) << which.describe();
            EXPECT_EQ(sent->second, reception.chunks.begin) << which.describe();
            under_way.erase(sent);
          }
        }
        EXPECT_TRUE(under_way.empty()) << which.describe();
      }
    }
  }
}

TEST(Summation, OwnersAreAsTheRowSays) {
  for (const int ranks : {1, 2, 3, 5, 6, 8, 12, 13, 16}) {
    for (const test::CollectiveCase& which : every_case(ranks)) {
      for (const CollectiveOperation operation : test::operations_of(which)) {
        const auto schedule = which.schedule(ranks, 3000, operation);
        if (operation == CollectiveOperation::allreduce) {
          continue;
        }
        ASSERT_TRUE(schedule->meeting()) << which.describe();
        std::vector<int> owners(schedule->chunks());
        for (int rank = 0; rank < ranks; ++rank) {
          const ChunkRange mine = schedule->owned(rank);
          for (std::size_t chunk = mine.begin; chunk < mine.end(); ++chunk) {
            ++owners[chunk];
          }
          const bool owns = which.choose(ranks).row->owners == Owners::every_rank || rank == 0;
          EXPECT_EQ(mine.count > 0, owns) << which.describe();
        }
        EXPECT_EQ(owners, std::vector<int>(schedule->chunks(), 1)) << which.describe();
      }
    }
  }
}

/// A half adds what the whole adds, in the same order.
TEST(Summation, FirstHalvesHaveTheBitsOfTheWhole) {
  for (const int ranks : {1, 2, 3, 6, 8, 13}) {
    for (const test::CollectiveCase& which : test::collective_cases(ranks)) {
      const std::vector<Snapshot> addends = addends_of(ranks, 1003);
      const auto sum_of = [&](const Schedule& schedule) {
        Buffer sum(Precision::single_precision, 1003);
        SumOrder(schedule, ranks).add(addends, 0, 1003, sum);
        return std::move(sum).freeze().digest();
      };
      const std::string whole = sum_of(*which.schedule(ranks, 4012));
      for (const CollectiveOperation operation : test::operations_of(which)) {
        if (operation == CollectiveOperation::reduce_scatter || operation == CollectiveOperation::reduce) {
          EXPECT_EQ(sum_of(*which.schedule(ranks, 4012, operation)), whole) << which.describe();
        }
      }
    }
  }
}

TEST(Summation, OneOrderIsOneSection) {
  for (const int ranks : {1, 2, 3, 6, 8, 13, 16}) {
    for (const test::CollectiveCase& which : every_case(ranks)) {
      const auto schedule = which.schedule(ranks, 100'000);
      const SumOrder order(*schedule, ranks);
      if (schedule->one_order()) {
        EXPECT_EQ(order.sections(), 1U) << which.describe() << ", " << ranks << " ranks";
      }
    }
  }
}

/// What 4,096 ranks hold is followed in runs of neighbouring chunks, and rings keep together those that add in turn.
TEST(Summation, OfThousandsOfRanksIsReadAndVisitedInLittleTime) {
  const std::size_t ranks = 4096;
  const std::pair<const char*, std::size_t> visits_a_rank[] = {{"ring", 2}, {"direct", 2},      {"halving-doubling", 1},
                                                               {"tree", 1}, {"double-tree", 2}, {"two-level", 2},
                                                               {"torus", 4}};
  for (const auto& [name, visits] : visits_a_rank) {
    const test::CollectiveCase which{name, {}, 8};
    const SumOrder order(*which.schedule(ranks, 1U << 20U), ranks);
    EXPECT_LE(order.visits().size(), visits * ranks) << name;
    EXPECT_GE(order.visits().size(), ranks) << name;
  }
}

}  // namespace
}  // namespace descent
