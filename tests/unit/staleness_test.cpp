// The clocks of a parameter server's workers, as the server itself sees them: a worker's clock is the number of
// gradients that it has pushed.
#include "tests/support/strategy_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace descent {
namespace {

/// What happens at one server.
struct ServerObserver : test::CountingObserver {
  explicit ServerObserver(int workers) : clocks(static_cast<std::size_t>(workers), 0) {}

  std::vector<std::uint64_t> clocks;
  /// Of a worker that is sent parameters: how far its clock is ahead of the slowest one's. The largest so far.
  std::uint64_t farthest_ahead = 0;
  std::uint64_t answers = 0;
  std::uint64_t updates = 0;
  std::uint64_t staleness_most = 0;
  /// A worker has taken leave: the clocks no longer tell who is behind.
  bool over = false;

  void received(int from, std::uint64_t wire, double, double) override {
    over = over || wire <= control_bytes;
    ++clocks[static_cast<std::size_t>(from)];
  }

  void sent(int to, std::uint64_t wire, double) override {
    if (wire > control_bytes && !over) {
      const std::uint64_t slowest = *std::min_element(clocks.begin(), clocks.end());
      farthest_ahead = std::max(farthest_ahead, clocks[static_cast<std::size_t>(to)] - slowest);
      ++answers;
    }
  }

  void updated(const Update& update, double) override {
    ++updates;
    staleness_most = std::max(staleness_most, update.staleness.front());
  }
};

/// What happens at one worker: how far it is ahead of the slowest worker when parameters reach it, by the gradients
/// that the workers have sent to one server.
struct WorkerObserver : test::CountingObserver {
  WorkerObserver(std::vector<std::uint64_t>& all, std::size_t index) : clocks(all), self(index) {}

  std::vector<std::uint64_t>& clocks;
  std::size_t self;
  std::uint64_t farthest_ahead = 0;

  void sent(int to, std::uint64_t wire, double time) override {
    CountingObserver::sent(to, wire, time);
    clocks[self] += 1;
  }
  void received(int, std::uint64_t wire, double, double) override {
    if (wire > control_bytes) {
      farthest_ahead = std::max(farthest_ahead, clocks[self] - *std::min_element(clocks.begin(), clocks.end()));
    }
  }
};

struct Outcome {
  std::vector<ServerObserver> servers;
  std::uint64_t farthest_at_a_worker = 0;
  double seconds = 0;
};

constexpr int kWorkers = 4;
constexpr std::uint64_t kUpdates = 2000;
constexpr double kGradient = 1e-3;  // seconds, of a worker at full speed

/// Four workers, the last of which is so many times slower, on a network that takes little of the time.
Outcome run(const test::Values& settings, int servers = 1, double slowest = 10) {
  test::StrategyRun one{.strategy = "parameter-server",
                        .settings = settings,
                        .cast = {kWorkers, servers},
                        .training = test::quadratic_training(100, kUpdates),
                        .slowdown = [slowest](int worker) { return worker == kWorkers - 1 ? slowest : 1.0; },
                        .bandwidth = "100000GBps",
                        .latency = "1ns"};
  one.training.flops_per_sample = kGradient * 1e9;
  std::vector<std::uint64_t> clocks(kWorkers, 0);
  std::vector<WorkerObserver> workers;
  for (std::size_t worker = 0; worker < kWorkers; ++worker) {
    workers.emplace_back(clocks, worker);
  }
  Outcome outcome;
  outcome.servers.assign(static_cast<std::size_t>(servers), ServerObserver(kWorkers));
  std::vector<Observer*> observers;
  for (WorkerObserver& worker : workers) {
    observers.push_back(&worker);
  }
  for (ServerObserver& server : outcome.servers) {
    observers.push_back(&server);
  }
  outcome.seconds = one(observers);
  for (const WorkerObserver& worker : workers) {
    outcome.farthest_at_a_worker = std::max(outcome.farthest_at_a_worker, worker.farthest_ahead);
  }
  return outcome;
}

class StaleSynchronous : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static test::Values settings() { return {{"consistency", "ssp"}, {"bound", std::to_string(GetParam())}}; }
  /// A worker that reads at clock r finds its peers at r − bound or later. While it computes, they may push up to
  /// clock r + bound + 1: those at r + bound are still answered. So each peer makes at most 2·bound + 1 updates.
  static std::uint64_t stalest() { return (kWorkers - 1) * (2 * GetParam() + 1); }
};

TEST_P(StaleSynchronous, GivesParametersToNobodyMoreThanTheBoundAheadAndToSomeJustThatFar) {
  const Outcome outcome = run(settings());
  EXPECT_EQ(outcome.servers[0].farthest_ahead, GetParam());
  EXPECT_LE(outcome.farthest_at_a_worker, GetParam());
  EXPECT_EQ(outcome.servers[0].updates, kUpdates);
  EXPECT_GT(outcome.servers[0].answers, kUpdates - kWorkers - 1);
}

TEST_P(StaleSynchronous, HoldsAtEveryServer) {
  for (const ServerObserver& server : run(settings(), 3).servers) {
    EXPECT_EQ(server.farthest_ahead, GetParam());
    EXPECT_LE(server.staleness_most, stalest());
  }
}

TEST_P(StaleSynchronous, GradientsAreNoOlderThanTheBoundAllows) {
  const Outcome outcome = run(settings());
  EXPECT_LE(outcome.servers[0].staleness_most, stalest());
  // It is no idle limit: with one slow worker, its peers stand at r + bound when it reads at clock r, waiting, and push
  // once more at once.
  EXPECT_GE(outcome.servers[0].staleness_most, (kWorkers - 1) * std::max<std::uint64_t>(GetParam(), 1));
}

/// In the long run nobody pushes more often than the slow worker.
TEST_P(StaleSynchronous, RunsAtTheSlowWorkersPace) {
  const double rounds = static_cast<double>(kUpdates) / kWorkers;
  EXPECT_NEAR(run(settings()).seconds, rounds * 10 * kGradient, 0.02 * rounds * 10 * kGradient);
}

INSTANTIATE_TEST_SUITE_P(Bound, StaleSynchronous, ::testing::Values(0, 1, 2, 4), ::testing::PrintToStringParamName());

/// Workers that read only when what they have read may lack gradients of more than the bound ago.
class ReadingWhenStale : public StaleSynchronous {
 protected:
  static test::Values settings() {
    test::Values all = StaleSynchronous::settings();
    all["pull"] = "when-stale";
    return all;
  }
  /// What is pushed at clock r was read with all gradients to r − bound in it, and nobody is beyond r + bound + 1: of
  /// each peer at most 2·bound + 1 are missing, and of its own those since it read.
  static std::uint64_t stalest() { return StaleSynchronous::stalest() + GetParam(); }
};

/// Who reads first finds peers that have not pushed this round's gradients yet, and reads again a round earlier.
TEST_P(ReadingWhenStale, EqualWorkersReadOnceInSoManyRounds) {
  const Outcome outcome = run(settings(), 1, 1);
  const double reads = static_cast<double>(outcome.servers[0].answers) / static_cast<double>(kUpdates);
  const auto bound = static_cast<double>(GetParam());
  EXPECT_GT(reads, 1 / (bound + 1) - 0.01);
  EXPECT_LT(reads, 1 / std::max(bound, 1.0) + 0.01);
  EXPECT_EQ(outcome.servers[0].updates, kUpdates);
}

TEST_P(ReadingWhenStale, GradientsAreNoOlderThanTheBoundAllows) {
  const ServerObserver server = run(settings()).servers[0];
  EXPECT_LE(server.staleness_most, stalest());
  EXPECT_LE(server.farthest_ahead, GetParam());
}

TEST_P(ReadingWhenStale, HoldsAtEveryServer) {
  for (const ServerObserver& server : run(settings(), 3).servers) {
    EXPECT_LE(server.staleness_most, stalest());
    EXPECT_LE(server.farthest_ahead, GetParam());
  }
}

/// In the long run nobody pushes more often than the slow worker.
TEST_P(ReadingWhenStale, RunsAtTheSlowWorkersPace) {
  const double rounds = static_cast<double>(kUpdates) / kWorkers;
  EXPECT_NEAR(run(settings()).seconds, rounds * 10 * kGradient, 0.02 * rounds * 10 * kGradient);
}

INSTANTIATE_TEST_SUITE_P(Bound, ReadingWhenStale, ::testing::Values(0, 1, 2, 4), ::testing::PrintToStringParamName());

TEST(AsynchronousParallel, LeavesTheSlowWorkerBehindAndIsStalerThanSspAllows) {
  const Outcome outcome = run({{"consistency", "asp"}});
  const ServerObserver& server = outcome.servers[0];
  // Of 31 updates 10 are by each fast worker and one is by the slow one.
  EXPECT_NEAR(static_cast<double>(server.clocks[3]) / kUpdates, 1.0 / 31, 0.01);
  EXPECT_GT(server.farthest_ahead, 500U);
  EXPECT_NEAR(outcome.seconds, kUpdates / 3.1 * kGradient, 0.02 * kUpdates / 3.1 * kGradient);
  EXPECT_GT(server.staleness_most, static_cast<std::uint64_t>((kWorkers - 1) * (2 * 2 + 1)));
}

}  // namespace
}  // namespace descent
