// At schedule fidelity: a collective and a message that use the network at the same time.
#include "algorithms/collectives/executor.hpp"
#include "algorithms/core/error.hpp"
#include "tests/support/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace descent {
namespace {

constexpr std::size_t kMegabyte = 1'000'000;

/// The first three of four ranks, a group, add up 1 MB each; rank 3 sends 1 MB to rank 0 meanwhile.
struct Beside {
  explicit Beside(const char* collective) : choice(choose_collective(collective)) {}

  void operator()(Communicator& communicator) {
    if (communicator.rank() == 3) {
      Message message;
      message.wire_bytes = kMegabyte;
      communicator.wait(communicator.send(0, 7, message));
      return;
    }
    Collective adds(choice, communicator, Group::first(3), 1, 0);
    adds.allreduce(Snapshot::placeholder(Precision::single_precision, kMegabyte));
    ended = std::max(ended, communicator.now());
    if (communicator.rank() == 0) {
      communicator.receive(3, 7);
      received = communicator.now();
    }
  }

  CollectiveChoice choice;
  double ended = 0;
  double received = 0;
};

/// A collective of all ranks is told at once: a second line must not send meanwhile.
TEST(OtherTraffic, OfACollectiveThatWasToldAtOnceIsRefused) {
  const CollectiveChoice ring = choose_collective("ring");
  test::ClusterRun cluster(4, 1, "1GBps", "50us", 2, test::neutral_schedules());
  const auto program = [&](Communicator& communicator) {
    if (communicator.rank() == 3) {
      communicator.spawn(1, [](Communicator& line) {
        line.receive(any_rank, 1, 1e-5);  // until 10 us are over
        Message message;
        message.wire_bytes = kMegabyte;
        line.wait(line.send(0, 7, message));
      });
    }
    Collective adds(ring, communicator, Group::first(4), 1, 0);
    adds.allreduce(Snapshot::placeholder(Precision::single_precision, kMegabyte));
  };
  try {
    cluster(program);
    FAIL() << "nothing was refused";
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find("rank 3 sends to rank 0 at 1e-05 s while a collective is under way"),
              std::string::npos)
        << error.what();
  }
}

/// Ranks 0, 1 and 2 add up around a ring, in flows, because they are not all: four rounds of 1/3 MB. Rank 0 takes the
/// message when it is through with these.
TEST(OtherTraffic, WaitsForItsReceiverBesideAGroup) {
  Beside beside("ring");
  test::ClusterRun cluster(4, 1, "1GBps", "50us", 2, test::neutral_schedules());
  cluster([&](Communicator& communicator) { beside(communicator); });
  EXPECT_NEAR(beside.ended, 4 * (1e-4 + 1e-3 / 3), 1e-8);
  EXPECT_NEAR(beside.received, beside.ended + 1.1e-3, 1e-8);
}

/// A transfer takes 2 · 50 us and 1 ms. Ranks 1 and 2 send to rank 0 at the same time: 0.1 + 2 ms; its answers share
/// its link too: 4.2 ms. Rank 0 takes the message when it is through with these.
TEST(OtherTraffic, WaitsForItsReceiverBesideFlows) {
  Beside beside("coordinator");
  test::ClusterRun cluster(4, 1, "1GBps", "50us", 2, test::neutral_schedules());
  cluster([&](Communicator& communicator) { beside(communicator); });
  EXPECT_NEAR(beside.ended, 4.2e-3, 1e-9);
  EXPECT_NEAR(beside.received, 5.3e-3, 1e-9);
}

/// Rank 3 sends to a second line of rank 0, which takes it at once: three share rank 0's link, 0.1 + 3 ms.
TEST(OtherTraffic, SharesLinksWithFlows) {
  double received = 0;
  double ended = 0;
  test::ClusterRun cluster(4, 1, "1GBps", "50us", 2, test::neutral_schedules());
  cluster([&](Communicator& communicator) {
    if (communicator.rank() == 3) {
      communicator.wait(communicator.spawn(1, [](Communicator& line) {
        Message message;
        message.wire_bytes = kMegabyte;
        line.wait(line.send(0, 7, message));
      }));
      return;
    }
    Line listening;
    if (communicator.rank() == 0) {
      listening = communicator.spawn(1, [&](Communicator& line) {
        line.receive(3, 7);
        received = line.now();
      });
    }
    const CollectiveChoice coordinator = choose_collective("coordinator");
    Collective adds(coordinator, communicator, Group::first(3), 1, 0);
    adds.allreduce(Snapshot::placeholder(Precision::single_precision, kMegabyte));
    ended = std::max(ended, communicator.now());
    if (listening) {
      communicator.wait(listening);
    }
  });
  EXPECT_NEAR(received, 3.1e-3, 1e-9);
  EXPECT_NEAR(ended, 3.1e-3 + 2.1e-3, 1e-9);
}

/// Two pairs at the same time, whose links are their own, and then two whose ranks all share one: each is as fast as if
/// it were alone, and half as fast.
TEST(OtherTraffic, GroupsAreUnderWayTogether) {
  const CollectiveChoice ring = choose_collective("ring");
  std::vector<double> ended(4);
  test::ClusterRun cluster(4, 1, "1GBps", "50us", 2, test::neutral_schedules());
  cluster([&](Communicator& communicator) {
    const int rank = communicator.rank();
    Collective pair(ring, communicator, Group({rank / 2 * 2, rank / 2 * 2 + 1}), 1, 0);
    pair.allreduce(Snapshot::placeholder(Precision::single_precision, kMegabyte));
    const double first = communicator.now();
    EXPECT_NEAR(first, 2 * (1e-4 + 0.5e-3), 1e-8);
    // Rank 0 adds up with rank 1 in one line, and with rank 2 in another.
    Line other;
    const auto in_a_group = [&ring, &ended](Communicator& line, std::vector<int> ranks) {
      Collective group(ring, line, Group(std::move(ranks)), 1, 0);
      group.allreduce(Snapshot::placeholder(Precision::single_precision, kMegabyte));
      ended[static_cast<std::size_t>(line.rank())] = line.now();
    };
    if (rank == 0 || rank == 2) {
      other = communicator.spawn(1, [&](Communicator& line) { in_a_group(line, {0, 2}); });
    }
    if (rank < 2) {
      in_a_group(communicator, {0, 1});
    }
    if (other) {
      communicator.wait(other);
    }
    if (rank < 3) {
      EXPECT_NEAR(ended[static_cast<std::size_t>(rank)], first + 2 * (1e-4 + 1e-3), 1e-8) << rank;
    }
  });
}

}  // namespace
}  // namespace descent
