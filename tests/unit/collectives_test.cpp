// What collectives take on a neutral network, against the closed forms of tests/support/collective_forms.hpp; and what
// they refuse.
#include "algorithms/collectives/executor.hpp"
#include "algorithms/core/error.hpp"
#include "tests/support/collective_forms.hpp"
#include "tests/support/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace descent {
namespace {

constexpr double kLatency = 100e-6;  // two links of 50 us
constexpr double kBandwidth = 1e9;
/// A multiple of every number of ranks here, and of twice as many, so that all chunks are equal.
constexpr std::size_t kElements = 720720;

/// Begins the operation with vectors of which nobody computes the elements, and waits for its end.
void take_part(Collective& collective, CollectiveOperation operation, const Communicator& communicator) {
  const auto whole = Snapshot::placeholder(Precision::single_precision, kElements);
  switch (operation) {
    case CollectiveOperation::allreduce:
      collective.allreduce(whole);
      break;
    case CollectiveOperation::reduce_scatter:
      collective.reduce_scatter(whole);
      break;
    case CollectiveOperation::all_gather:
      collective.all_gather(whole.slice(0, collective.owned(kElements).count), kElements);
      break;
    case CollectiveOperation::reduce:
      collective.reduce(whole);
      break;
    case CollectiveOperation::broadcast:
      collective.broadcast(communicator.rank() == 0 ? whole : Snapshot(), kElements);
      break;
  }
}

/// Seconds of every operation of a collective, begun by all ranks together: at 1 s, 2 s, … because a simulation has one
/// engine.
class CollectiveTime : public ::testing::TestWithParam<int> {
 protected:
  struct Timed {
    test::CollectiveCase which;
    CollectiveOperation operation;
    double seconds = 0;
  };

  static std::vector<Timed> every_operation(int ranks) {
    std::vector<Timed> all;
    for (const test::CollectiveCase& which : test::collective_cases(ranks)) {
      for (const CollectiveOperation operation : test::operations_of(which)) {
        all.push_back({which, operation});
      }
    }
    return all;
  }

  static void measure(std::vector<Timed>& all, int ranks) {
    test::ClusterRun cluster(ranks);
    cluster([&](Communicator& communicator) {
      double begin = 0;
      for (Timed& one : all) {
        begin += 1;
        communicator.receive(any_rank, 30, begin);
        const CollectiveChoice choice = one.which.choose(ranks);
        Collective collective(choice, communicator, Group::first(ranks), 4, 0);
        take_part(collective, one.operation, communicator);
        one.seconds = std::max(one.seconds, communicator.now() - begin);
      }
    });
  }
};

TEST_P(CollectiveTime, EqualsItsClosedFormOnANeutralNetwork) {
  const int ranks = GetParam();
  std::vector<Timed> all = every_operation(ranks);
  measure(all, ranks);
  for (const Timed& one : all) {
    const std::string where =
        one.which.describe() + ", " + std::string(name_with_article(one.operation)) + ", " + std::to_string(ranks);
    const test::ClosedForm form = test::ClosedForms(one.which, ranks, 4.0 * kElements).of(one.operation);
    const double expected = form.seconds(kLatency, 1 / kBandwidth);
    // A single segment is through a round sooner, each way, where the trees are not full.
    const bool may_be_sooner =
        one.which.name == "double-tree" && ranks > 1 && form.stages.front().bytes == 2.0 * kElements;
    EXPECT_LE(one.seconds, expected * (1 + 1e-4)) << where;
    EXPECT_GE(one.seconds, expected * (may_be_sooner ? 1 - 2 / form.rounds() : 1) * (1 - 1e-4)) << where;
  }
}

INSTANTIATE_TEST_SUITE_P(All, CollectiveTime, ::testing::Values(1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 15, 16, 33),
                         [](const auto& test) { return "P" + std::to_string(test.param); });

/// What choosing throws; "" where it does not.
std::string refusal(const std::string& name, const std::map<std::string, std::string>& parameters, int ranks = 12,
                    CollectiveOperation operation = CollectiveOperation::allreduce) {
  try {
    schedule_of(choose_collective(name, parameters), operation, Group::first(ranks), 1000);
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(Collectives, BadParametersAreRefused) {
  EXPECT_EQ(refusal("torus", {{"rows", "4"}}), "");
  EXPECT_EQ(refusal("torus", {{"rows", "5"}}),
            "collective 'torus': rows='5' does not divide the 12 ranks; allowed: 1, 2, 3, 4, 6, 12");
  EXPECT_NE(refusal("torus", {{"rows", "0"}}).find("rows='0' is out of range"), std::string::npos);
  EXPECT_NE(refusal("torus", {{"columns", "3"}}).find("'columns' is not a parameter here"), std::string::npos);
  EXPECT_NE(refusal("ring", {{"rows", "3"}}).find("'rows' is not a parameter here"), std::string::npos);
  EXPECT_NE(refusal("double-tree", {{"segment-bytes", "0B"}}).find("segment-bytes='0B' is out of range"),
            std::string::npos);
  EXPECT_NE(refusal("double-tree", {{"segment-bytes", "64"}}).find("segment-bytes='64' is not"), std::string::npos);
  EXPECT_NE(refusal("two-level", {{"between", "torus"}}).find("between='torus' is unknown"), std::string::npos);
}

TEST(Collectives, OperationsThatACollectiveHasNotAreRefused) {
  EXPECT_EQ(refusal("tree", {}, 12, CollectiveOperation::reduce_scatter),
            "collective 'tree' has no reduce-scatter; allowed: ring, halving-doubling, torus, direct, native");
  EXPECT_EQ(refusal("ring", {}, 12, CollectiveOperation::broadcast),
            "collective 'ring' has no broadcast; allowed: tree, double-tree, coordinator");
  EXPECT_EQ(refusal("recursive-doubling", {}, 1, CollectiveOperation::reduce),
            "collective 'recursive-doubling' has no reduce; allowed: tree, double-tree, coordinator");
  EXPECT_NE(refusal("two-level", {}, 12, CollectiveOperation::all_gather), "");
}

TEST(Collectives, ATorusIsAsSquareAsCanBe) {
  const auto chunks_along_a_row = [](int ranks) {
    RoundPart part;
    test::allreduce_schedule("torus", ranks)->at(0, 0, part);
    return part.sends.front().chunks.count;
  };
  EXPECT_EQ(chunks_along_a_row(12), 3U);
  EXPECT_EQ(chunks_along_a_row(16), 4U);
  EXPECT_EQ(chunks_along_a_row(13), 1U);
}

TEST(Collectives, GroupsHaveEachRankOnce) {
  EXPECT_THROW(Group(std::vector<int>()), std::logic_error);
  EXPECT_THROW(Group({1, 2, 1}), std::logic_error);
  EXPECT_THROW(Group({0, -1}), std::logic_error);
  EXPECT_THROW(Group::first(0), std::logic_error);
  const Group group({3, 1, 2});
  EXPECT_EQ(group.rank(0), 3);
  EXPECT_EQ(group.member(2), 2);
  EXPECT_THROW(static_cast<void>(group.member(0)), std::logic_error);
  EXPECT_THROW(static_cast<void>(Group::first(3).member(3)), std::logic_error);
  EXPECT_EQ(Group({0, 1, 2}), Group::first(3));
  EXPECT_TRUE(Group({0, 1, 2}).is_first(3));
  EXPECT_FALSE(Group({1, 0, 2}).is_first(3));
  EXPECT_NE(Group({1, 0}), Group::first(2));
}

/// Ranks of one node are told by the deployment, also those of a group.
TEST(Collectives, TwoLevelsGoByTheNodesOfTheGroup) {
  const CollectiveChoice choice = choose_collective("two-level", {{"between", "tree"}}, {0, 1, 0, 1, 0, 1});
  // Nodes {2, 0, 4} and {1}: members 0, 1, 3 and 2. Two rounds inside, two between.
  const auto schedule = schedule_of(choice, CollectiveOperation::allreduce, Group({2, 0, 1, 4}), 1000);
  EXPECT_EQ(schedule->rounds(), 2U + 2U + 2U);
  RoundPart part;
  schedule->at(2, 0, part);
  ASSERT_EQ(part.receives.size(), 1U);
  EXPECT_EQ(part.receives.front().peer, 2);
}

}  // namespace
}  // namespace descent
