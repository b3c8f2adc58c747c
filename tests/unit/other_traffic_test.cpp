// At schedule fidelity: a collective and a message that use the network at the same time.
#include "algorithms/collectives/executor.hpp"
#include "algorithms/core/error.hpp"
#include "tests/support/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace descent {
namespace {

constexpr std::size_t kMegabyte = 1'000'000;

/// The first three of four ranks add up 1 MB each; rank 3 sends 1 MB to rank 0 meanwhile.
struct Beside {
  explicit Beside(const char* collective) : row(find_collective(collective)) {}

  void operator()(Communicator& communicator) {
    if (communicator.rank() == 3) {
      Message message;
      message.wire_bytes = kMegabyte;
      communicator.wait(communicator.send(0, 7, message));
      return;
    }
    Collective adds(row, communicator, 3, 1, 0);
    adds.allreduce(Snapshot::placeholder(Precision::single_precision, kMegabyte));
    ended = std::max(ended, communicator.now());
    if (communicator.rank() == 0) {
      communicator.receive(3, 7);
      received = communicator.now();
    }
  }

  const CollectiveRow& row;
  double ended = 0;
  double received = 0;
};

TEST(OtherTraffic, OfACollectiveThatWasToldAtOnceIsRefused) {
  Beside beside("ring");
  test::ClusterRun cluster(4, 1, "1GBps", "50us", 2, test::neutral_schedules());
  try {
    cluster([&](Communicator& communicator) { beside(communicator); });
    FAIL() << "nothing was refused";
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find("rank 3 sends to rank 0 at 0 s while a collective is under way"),
              std::string::npos)
        << error.what();
  }
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
    Collective adds(find_collective("coordinator"), communicator, 3, 1, 0);
    adds.allreduce(Snapshot::placeholder(Precision::single_precision, kMegabyte));
    ended = std::max(ended, communicator.now());
    if (listening) {
      communicator.wait(listening);
    }
  });
  EXPECT_NEAR(received, 3.1e-3, 1e-9);
  EXPECT_NEAR(ended, 3.1e-3 + 2.1e-3, 1e-9);
}

}  // namespace
}  // namespace descent
