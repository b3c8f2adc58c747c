// Whole runs against arithmetic: on a platform without contention but that of the hosts' own links, and a network model
// without hidden factors (`neutral.xml`), an iteration takes what can be written down.
#include "tests/support/neutral.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

using namespace test::neutral;

constexpr double kControl = 8 * kByte;  // a message without a vector
constexpr double kIterations = 20;
constexpr double kTolerance = 1e-6;

std::string neutral(const std::string& words) {
  return test::source_path("tests/integration/neutral.xml") + " " + words;
}

std::string hosts(const std::string& role, int first, int count) {
  return "--set \"//role[@name='" + role + "']/@hosts=node-[" + std::to_string(first) + "-" +
         std::to_string(first + count - 1) + "]\" ";
}

void expect_seconds(const nlohmann::json& summary, double last_update, double end) {
  EXPECT_EQ(summary["iterations"], kIterations);
  const double mean = summary["iteration_time_s"]["mean"];
  EXPECT_NEAR(mean * kIterations, last_update, kTolerance * last_update);
  EXPECT_NEAR(summary["time_s"].get<double>(), end, kTolerance * end);
}

/// One node: N (c + u).
TEST(OneNode, TakesTheTimeOfItsComputations) {
  const std::string one = "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-0\"/></deployment>' ";
  const double sgd = kIterations * (kGradient + kUpdate);
  expect_seconds(test::run(neutral(one + "--set '//strategy=<strategy kind=\"sgd\"/>'")), sgd, sgd);
  // The quadratic's own 10 flop per parameter for a full gradient.
  const double full = kIterations * (10.0 * 84000 / 1e9 + kUpdate);
  expect_seconds(test::run(neutral(one + "--set '//strategy=<strategy kind=\"gradient-descent\"/>' "
                                         "--set '//cost=<cost parameter-bytes=\"1MB\"/>' "
                                         "--set '//training=<training><optimizer kind=\"sgd\" "
                                         "learning-rate=\"0.1\"/></training>'")),
                 full, full);
}

/// P workers, S servers. All P·S messages of n/S bytes start together. A worker's link carries S of them and a server's
/// P, so the fuller of the two sets the rate: gathering and sending back take g = alpha + max(P, S)/S · n beta each. A
/// round is c + g + u/S + g, the first server's N-th update comes one g before the end of the N-th round.
struct Servers {
  int workers;
  int servers;
  double gather() const { return kLatency + static_cast<double>(std::max(workers, servers)) / servers * kVector; }
  double last_update(double gradient = kGradient) const {
    return kIterations * (gradient + gather() + kUpdate / servers) + (kIterations - 1) * gather();
  }
  /// One server: its last answer is a control message to each worker.
  double end(double gradient = kGradient) const { return last_update(gradient) + kLatency + workers * kControl; }
};

class Rounds : public ::testing::TestWithParam<Servers> {};

TEST_P(Rounds, OfAParameterServerTakeGatherUpdateAndAnswer) {
  const Servers form = GetParam();
  const auto summary = test::run(neutral(hosts("worker", 0, form.workers) + hosts("server", 8, form.servers)));
  const double mean = summary["iteration_time_s"]["mean"];
  EXPECT_NEAR(mean * kIterations, form.last_update(), kTolerance * form.last_update());
  if (form.servers == 1) {
    EXPECT_NEAR(summary["time_s"].get<double>(), form.end(), kTolerance * form.end());
  } else {
    // The other servers learn of the end when the workers, answered by all, take leave. The first server's answer is
    // a control message, so at most a full answer and a leave remain.
    EXPECT_GT(summary["time_s"].get<double>(), form.last_update() + kLatency);
    EXPECT_LE(summary["time_s"].get<double>(),
              form.last_update() + form.gather() + kLatency + 8 * kControl + kUpdate / form.servers);
  }
}

std::string servers_name(const ::testing::TestParamInfo<Servers>& info) {
  return "P" + std::to_string(info.param.workers) + "_S" + std::to_string(info.param.servers);
}

INSTANTIATE_TEST_SUITE_P(All, Rounds,
                         ::testing::Values(Servers{1, 1}, Servers{2, 1}, Servers{4, 1}, Servers{8, 1}, Servers{4, 2},
                                           Servers{8, 4}, Servers{4, 4}, Servers{2, 4}, Servers{1, 3}),
                         servers_name);

/// d-sgd is a parameter server with one server.
TEST(DistributedSgd, TakesTheTimeOfGatherUpdateAndAnswer) {
  for (const int workers : {1, 2, 4, 8}) {
    const Servers form{workers, 1};
    expect_seconds(test::run(neutral(hosts("worker", 0, workers) + "--set '//strategy=<strategy kind=\"d-sgd\"/>'")),
                   form.last_update(), form.end());
  }
}

/// A host at a quarter of its speed computes for 4c, while the gradients of the others, done after c, arrive before. So
/// its own is alone on the server's link: the gather is alpha + n beta after it.
TEST(BulkSynchronousParallel, WaitsForItsSlowHost) {
  const Servers form{4, 1};
  const double last_update =
      kIterations * (4 * kGradient + kLatency + kVector + kUpdate) + (kIterations - 1) * form.gather();
  expect_seconds(test::run(neutral("--set //host-speed/@factor=0.25")), last_update,
                 last_update + kLatency + 4 * kControl);
}

/// One worker has nobody to race with: asp and ssp are bsp.
TEST(OneWorker, IsTheSameUnderEveryConsistency) {
  const Servers form{1, 1};
  for (const char* words : {"consistency=\"asp\"", "consistency=\"ssp\" bound=\"3\""}) {
    expect_seconds(test::run(neutral(hosts("worker", 0, 1) + "--set '//strategy=<strategy kind=\"parameter-server\" " +
                                     words + "/>'")),
                   form.last_update(), form.end());
  }
}

/// asp with equal workers and a server that is always busy. Each worker waits until its own gradient is applied, and
/// all are in step: P gradients share the server's link on the way there, are applied one after the other (P u), and
/// every answer starts when its gradient is applied. So the first round is c + alpha + P n beta + u to its first
/// update and N = P updates take P u.
TEST(AsynchronousParallel, AppliesOneGradientAfterTheOther) {
  constexpr int kWorkers = 4;
  const auto summary = test::run(neutral("--set //strategy/@consistency=asp --set //stop/@iterations=4"));
  const double last_update = kGradient + kLatency + kWorkers * kVector + kWorkers * kUpdate;
  EXPECT_NEAR(summary["iteration_time_s"]["mean"].get<double>() * kWorkers, last_update, kTolerance * last_update);
}

struct Replicas {
  std::string collective;
  int workers;
};

/// Of one allreduce of a vector of n bytes. Every message crosses an idle pair of links and takes alpha + bytes · beta:
/// - ring: 2(P − 1) rounds, P − 1 to add and P − 1 to spread, of a P-th of the vector each;
/// - recursive-doubling: log2(P) rounds of the vector; one more before and after for ranks beyond a power of two;
/// - tree: ⌈log2(P)⌉ levels up and as many down, of the vector each;
/// - coordinator: one round each way, in which the centre's link carries P − 1 vectors.
double allreduce_seconds(const Replicas& replicas) {
  const double p = replicas.workers;
  const double log2 = std::floor(std::log2(p));
  if (replicas.collective == "ring" || replicas.collective == "native") {  // native: ring above 16 KiB
    return 2 * (p - 1) * (kLatency + kVector / p);
  }
  if (replicas.collective == "recursive-doubling") {
    return (log2 + (std::exp2(log2) == p ? 0 : 2)) * (kLatency + kVector);
  }
  if (replicas.collective == "tree") {
    return 2 * std::ceil(std::log2(p)) * (kLatency + kVector);
  }
  return 2 * (kLatency + (p - 1) * kVector);
}

class Replication : public ::testing::TestWithParam<Replicas> {};

/// N (c + allreduce + u): every rank updates its own replica.
TEST_P(Replication, TakesGradientAllreduceAndUpdate) {
  const Replicas form = GetParam();
  const std::string words = "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-" +
                            std::to_string(form.workers - 1) +
                            "]\"/></deployment>' --set '//strategy=<strategy kind=\"allreduce\"><collective kind=\"" +
                            form.collective + "\"/></strategy>'";
  const double end = kIterations * (kGradient + allreduce_seconds(form) + kUpdate);
  const auto summary = test::run(neutral(words));
  expect_seconds(summary, end, end);
  const auto& collective = summary["collective_time_s"];
  EXPECT_EQ(collective["count"], kIterations * form.workers);
  // In lockstep ranks enter together and leave together; elsewhere who leaves early waits in the next one.
  for (const char* kind : {"mean", "p50", "p95"}) {
    if (form.collective != "tree" && form.collective != "recursive-doubling") {
      EXPECT_NEAR(collective[kind].get<double>(), allreduce_seconds(form), kTolerance * end) << kind;
    } else {
      EXPECT_LE(collective[kind].get<double>(), (1 + kTolerance) * allreduce_seconds(form)) << kind;
    }
  }
}

std::vector<Replicas> replications() {
  std::vector<Replicas> all;
  for (const char* collective : {"ring", "recursive-doubling", "tree", "coordinator", "native"}) {
    for (const int workers : {2, 5, 8}) {
      all.push_back({collective, workers});
    }
  }
  return all;
}

std::string replicas_name(const ::testing::TestParamInfo<Replicas>& info) {
  std::string name = info.param.collective + "_P" + std::to_string(info.param.workers);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Replication, ::testing::ValuesIn(replications()), replicas_name);

}  // namespace
}  // namespace descent
