#include "sim/disturbance/network_faults.hpp"

#include "tests/support/distributions.hpp"
#include "tests/support/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace descent {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

using Loss = NetworkFaults::Loss;
using Partition = NetworkFaults::Partition;

bool lost(NetworkFaults& faults, int from, int to, double now = 0) {
  return faults.loses(from, to, faults.draw(from), now);
}

TEST(NetworkFaults, LoseWithTheirProbability) {
  constexpr int kMessages = 100000;
  const std::vector<bool> all{true, true};
  // Each of two may lose it: 1 − 0.9 · 0.8.
  NetworkFaults faults({}, {{0.1, {}, all, all}, {0.2, {}, all, all}}, {0, 1}, 7);
  int count = 0;
  for (int i = 0; i < kMessages; ++i) {
    count += lost(faults, 0, 1) ? 1 : 0;
  }
  const double p = 0.28;
  EXPECT_NEAR(count, p * kMessages, test::kQuantile * std::sqrt(kMessages * p * (1 - p)));
}

TEST(NetworkFaults, LoseNothingOrAllAtTheEndsOfTheRange) {
  const std::vector<bool> all{true, true};
  NetworkFaults none({}, {{0, {}, all, all}}, {0, 1}, 7);
  NetworkFaults every({}, {{1, {}, all, all}}, {0, 1}, 7);
  for (int i = 0; i < 10000; ++i) {
    ASSERT_FALSE(lost(none, 0, 1));
    ASSERT_TRUE(lost(every, 0, 1));
  }
  EXPECT_TRUE(NetworkFaults({}, {}, {0, 1}, 7).empty());
}

TEST(NetworkFaults, AreForSomeMessagesOnly) {
  // Rank 3 is on the host of rank 0.
  NetworkFaults faults({}, {{1, {10, 20}, {true, false, true, true}, {true, true, false, false}}}, {0, 1, 2, 0}, 7);
  EXPECT_TRUE(lost(faults, 0, 1, 10));
  EXPECT_FALSE(lost(faults, 0, 1, 9.9));
  EXPECT_FALSE(lost(faults, 0, 1, 20));
  EXPECT_FALSE(lost(faults, 1, 0, 10));
  EXPECT_FALSE(lost(faults, 0, 2, 10));
  EXPECT_FALSE(lost(faults, 3, 0, 10));
  EXPECT_TRUE(lost(faults, 3, 1, 10));
}

TEST(NetworkFaults, DependOnSeedSenderAndCountAlone) {
  const std::vector<bool> all{true, true, true};
  const std::vector<Loss> loss{{0.5, {}, all, all}};
  NetworkFaults one({}, loss, {0, 1, 2}, 7);
  NetworkFaults other({}, loss, {0, 1, 2}, 7);
  NetworkFaults another_seed({}, loss, {0, 1, 2}, 8);
  const double first = one.draw(0);
  const double second = one.draw(0);
  EXPECT_NE(first, second);
  EXPECT_NE(one.draw(1), first);
  other.draw(1);  // What others send does not matter.
  EXPECT_EQ(other.draw(0), first);
  EXPECT_EQ(other.draw(0), second);
  EXPECT_NE(another_seed.draw(0), first);
}

TEST(NetworkFaults, PartitionsAreBetweenInsideAndOutside) {
  const NetworkFaults faults({{{10, 20}, {true, true, false, false}}, {{30, kNever}, {false, true, false, true}}}, {},
                             {0, 1, 2, 3}, 7);
  EXPECT_EQ(faults.cuts(), (std::vector<double>{10, 30}));
  EXPECT_TRUE(faults.cut(0, 2, 10, 10));
  EXPECT_TRUE(faults.cut(2, 0, 19.9, 19.9));
  EXPECT_FALSE(faults.cut(0, 2, 9.9, 9.9));
  EXPECT_FALSE(faults.cut(0, 2, 20, 20));
  EXPECT_FALSE(faults.cut(0, 1, 15, 15));
  EXPECT_FALSE(faults.cut(2, 3, 15, 15));
  EXPECT_TRUE(faults.cut(0, 1, 1000, 1000));
  EXPECT_FALSE(faults.cut(1, 3, 1000, 1000));
  // Meanwhile.
  EXPECT_TRUE(faults.cut(0, 2, 9, 21));
  EXPECT_FALSE(faults.cut(0, 2, 20, 29));
}

class LostMessages : public ::testing::TestWithParam<bool> {
 protected:
  static NetworkSettings network() { return GetParam() ? test::neutral_schedules() : test::neutral_network(); }
  static Message of(std::uint64_t bytes, int note = 0) {
    Message message;
    message.wire_bytes = bytes;
    message.note = note;
    return message;
  }
};

/// Two messages share the receiver's link, 1 MB/s, until a partition takes one of them: that one's send is over then,
/// and the other has the link to itself.
TEST_P(LostMessages, UnderWayAsAPartitionBeginsLeaveTheLinksToOthers) {
  test::ClusterRun run(3, 1, "1MBps", "0us", 2, network());
  run.world.lose_messages(NetworkFaults({{{1, 5}, {false, true, false}}}, {}, {0, 1, 2}, 1));
  double cut = 0;
  double arrived = 0;
  std::vector<int> notes;
  run([&](Communicator& communicator) {
    if (communicator.rank() == 1) {
      communicator.wait(communicator.send(0, 1, of(1'000'000, 1)));
      cut = communicator.now();
      communicator.wait(communicator.send(0, 1, of(1'000'000, 2)));  // begins meanwhile: lost at once
      EXPECT_EQ(communicator.now(), cut);
      communicator.receive(2, 9, 6);  // Nobody sends this: it waits.
      communicator.wait(communicator.send(0, 1, of(1'000'000, 3)));
    } else if (communicator.rank() == 2) {
      communicator.wait(communicator.send(0, 1, of(1'000'000, 4)));
      arrived = communicator.now();
    } else {
      notes.push_back(static_cast<int>(communicator.receive(any_rank, 1).note));
      notes.push_back(static_cast<int>(communicator.receive(any_rank, 1).note));
      EXPECT_NEAR(communicator.now(), 7, 1e-6);
    }
  });
  EXPECT_NEAR(cut, 1, 1e-6);
  // Half of it in the first second, and the rest in half a second.
  EXPECT_NEAR(arrived, 1.5, 1e-6);
  EXPECT_EQ(notes, (std::vector<int>{4, 3}));
  EXPECT_EQ(run.world.messages_lost(), 2U);
}

/// One that pays its latency, and what waits behind it.
TEST_P(LostMessages, MayNotHaveMovedAByte) {
  test::ClusterRun run(2, 1, "1MBps", "1s", 2, network());
  run.world.lose_messages(NetworkFaults({{{1, 1.5}, {false, true}}}, {}, {0, 1}, 1));
  const double end = run([&](Communicator& communicator) {
    if (communicator.rank() == 1) {
      communicator.send(0, 1, of(1'000'000, 1));
      communicator.receive(0, 9, 1.6);
      communicator.wait(communicator.send(0, 1, of(1'000'000, 2)));
    } else {
      EXPECT_EQ(communicator.receive(1, 1).note, 2);
    }
  });
  EXPECT_NEAR(end, 1.6 + 2 + 1, 1e-6);
  EXPECT_EQ(run.world.messages_lost(), 1U);
}

/// The same where a link is off, and while a message pays its latency; the link carries what begins later.
TEST(LinkOff, LosesWhatIsOnItsWay) {
  test::ClusterRun run(2, 1, "1MBps", "1s");
  const std::vector<Period> periods{{1, 1.2, 0}, {1.1, 1.5, 0}, {4.5, 5.1, 0}};
  run.world.change_link("c_link_1_UP", {}, {}, Course(periods));
  std::vector<double> ends;
  const double end = run([&](Communicator& communicator) {
    if (communicator.rank() == 1) {
      for (int i = 0; i < 3; ++i) {
        Message message;
        message.wire_bytes = 1'000'000;
        message.note = i;
        communicator.wait(communicator.send(0, 1, message));
        ends.push_back(communicator.now());
        communicator.receive(0, 9, std::min(2.0 + 3.5 * i, 5.5));  // Nobody sends this: it waits.
      }
    } else {
      EXPECT_EQ(communicator.receive(1, 1).note, 2);
    }
  });
  ASSERT_EQ(ends.size(), 3U);
  EXPECT_NEAR(ends[0], 1, 1e-6);
  EXPECT_NEAR(ends[1], 4.5, 1e-6);
  EXPECT_NEAR(end, 5.5 + 3, 1e-6);
  EXPECT_EQ(run.world.messages_lost(), 2U);
}

/// It takes its way all the same.
TEST_P(LostMessages, ByChanceTakeTheirTime) {
  test::ClusterRun run(2, 1, "1MBps", "0us", 2, network());
  run.world.lose_messages(NetworkFaults({}, {{1, {0, 1.5}, {true, true}, {true, true}}}, {0, 1}, 1));
  const double end = run([&](Communicator& communicator) {
    if (communicator.rank() == 1) {
      for (int i = 0; i < 4; ++i) {
        communicator.wait(communicator.send(0, 1, of(1'000'000, i)));
        EXPECT_NEAR(communicator.now(), i + 1, 1e-6);
      }
    } else {
      EXPECT_EQ(communicator.receive(1, 1).note, 2);
      EXPECT_EQ(communicator.receive(1, 1).note, 3);
    }
  });
  EXPECT_NEAR(end, 4, 1e-6);
  EXPECT_EQ(run.world.messages_lost(), 2U);
}

/// A message that is late leaves after its receiver has died and begun anew: it was for an earlier life.
TEST_P(LostMessages, ThatAreLateForALifeAreNotForTheNext) {
  test::ClusterRun run(2, 1, "1MBps", "0us", 2, network());
  run.world.delay_messages(Jitter({{[](RandomStream&) { return 2.0; }, {true, true}, {true, true}}}, {0, 1}, 3));
  run.world.recover({});
  FailureSettings crash;
  crash.at_s = 1;
  crash.repair_s = 0.5;
  run.world.fail("node-0", Outages(crash, "node-0", 0, 1));
  std::vector<std::pair<int, std::int64_t>> received;
  run([&](Communicator& communicator) {
    if (communicator.rank() == 1) {
      communicator.wait(communicator.send(0, 1, of(1'000'000, 1)));
      communicator.wait(communicator.send(0, 1, of(1'000'000, 2)));
    } else {
      received.emplace_back(communicator.life(), communicator.receive(1, 1).note);
    }
  });
  EXPECT_EQ(received, (std::vector<std::pair<int, std::int64_t>>{{1, 2}}));
  EXPECT_EQ(run.world.messages_lost(), 1U);
}

/// As it leaves its sender is no more.
TEST_P(LostMessages, AreThoseOfTheDead) {
  test::ClusterRun run(2, 1, "1MBps", "0us", 2, network());
  run.world.delay_messages(Jitter({{[](RandomStream&) { return 2.0; }, {true, true}, {true, true}}}, {0, 1}, 3));
  run.world.recover({});
  FailureSettings crash;
  crash.at_s = 1;
  run.world.fail("node-1", Outages(crash, "node-1", 0, 1));
  bool received = true;
  run([&](Communicator& communicator) {
    if (communicator.rank() == 1) {
      communicator.wait(communicator.send(0, 1, of(1'000'000, 1)));
    } else {
      received = communicator.receive(1, 1, 10).has_value();
    }
  });
  EXPECT_FALSE(received);
  EXPECT_EQ(run.world.messages_lost(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Fidelities, LostMessages, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "schedule" : "message"; });

}  // namespace
}  // namespace descent
