// Work divided by speed, in whole runs: what a round then takes against arithmetic, who follows whom, and that what is
// learnt stays the same.
#include "tests/support/neutral.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

namespace descent {
namespace {

using nlohmann::json;
using namespace test::neutral;

/// Seconds of a sample at 1 Gflop/s.
constexpr double kSample = 1e-3;
constexpr double kTolerance = 1e-6;

const std::string kBsp = "kind=\"parameter-server\" consistency=\"bsp\"";

std::string with_strategy(const std::string& strategy, const std::string& inside) {
  return "--set '//strategy=<strategy " + strategy + ">" + inside + "</strategy>' ";
}

std::string balance(const std::string& words) {
  return "<balance " + words + "/>";
}

/// Three workers of speeds 1 : 2 : 4, batches of 14 samples in the mean.
std::string uneven_hosts(const std::string& servers = "<role name=\"server\" hosts=\"node-8\"/>") {
  return test::source_path("tests/integration/neutral.xml") +
         " --set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-2]\"/>" + servers +
         "</deployment>' --set '//disturbances=<disturbances><host-speed hosts=\"node-1\" factor=\"2\"/>"
         "<host-speed hosts=\"node-2\" factor=\"4\"/></disturbances>' --set //training/@batch=14 "
         "--set //observe/@every=1 ";
}

/// Seconds between the last updates of successive rounds, by iteration from 1; the first from the start.
std::vector<double> round_seconds(const test::Results& results) {
  const std::vector<double>& times = results.metrics.at("time_s");
  std::vector<double> seconds;
  for (std::size_t i = 1; i < times.size(); ++i) {
    seconds.push_back(times[i] - times[i - 1]);
  }
  return seconds;
}

constexpr double kAnswer = kLatency + 3 * kVector;
/// The slowest worker's 14 ms; its gradient, whose link is free by then; and the update.
constexpr double kEqualRound = 14 * kSample + kLatency + kVector + kUpdate;
/// All are through with 6, 12 and 24 samples after 6 ms, and their gradients share the server's link.
constexpr double kDividedRound = 6 * kSample + kLatency + 3 * kVector + kUpdate;

void expect_rounds(const test::Results& results, std::size_t from, std::size_t to, double seconds) {
  const std::vector<double> rounds = round_seconds(results);
  ASSERT_GE(rounds.size(), to);
  for (std::size_t i = from; i < to; ++i) {
    EXPECT_NEAR(rounds[i], seconds + (i > 0 ? kAnswer : 0), kTolerance * seconds) << i;
  }
}

TEST(Balance, OfBatchesMakesARoundTakeWhatAllTakeTogether) {
  for (const std::string& strategy : {kBsp, std::string("kind=\"d-sgd\"")}) {
    expect_rounds(test::results_of(uneven_hosts() + with_strategy(strategy, "")), 0, 20, kEqualRound);
    const test::Results divided =
        test::results_of(uneven_hosts() + with_strategy(strategy, balance("kind=\"static\"")));
    expect_rounds(divided, 0, 20, kDividedRound);
    EXPECT_EQ(divided.summary["samples"], 20 * 42);
  }
  const auto replicas = [](const std::string& inside) {
    const test::Results results = test::results_of(
        uneven_hosts("") + with_strategy("kind=\"allreduce\"", "<collective kind=\"ring\"/>" + inside));
    return results.summary["iteration_time_s"]["mean"].get<double>();
  };
  const double rest = 4 * (kLatency + kVector / 3) + kUpdate;  // the slowest host's own update
  EXPECT_NEAR(replicas(""), 14 * kSample + rest, kTolerance);
  EXPECT_NEAR(replicas(balance("kind=\"static\"")), 6 * kSample + rest, kTolerance);
}

TEST(Balance, ByMeasuredSpeedIsThatOfTheModelledOneAfterItsFirstDivision) {
  for (const std::string& strategy : {kBsp, std::string("kind=\"d-sgd\"")}) {
    const test::Results adaptive =
        test::results_of(uneven_hosts() + with_strategy(strategy, balance("kind=\"adaptive\" every=\"4\"")));
    expect_rounds(adaptive, 0, 4, kEqualRound);
    expect_rounds(adaptive, 4, 20, kDividedRound);
  }
}

/// Buckets of a gradient are measured as a whole.
TEST(Balance, ByMeasuredSpeedTakesBuckets) {
  const std::string ring = "<collective kind=\"ring\"/>";
  const test::Results results =
      test::results_of(uneven_hosts("") + with_strategy("kind=\"allreduce\" bucket=\"100kB\"",
                                                        ring + balance("kind=\"adaptive\" every=\"4\"")));
  const test::Results fixed = test::results_of(
      uneven_hosts("") + with_strategy("kind=\"allreduce\" bucket=\"100kB\"", ring + balance("kind=\"static\"")));
  EXPECT_NEAR(round_seconds(results).back(), round_seconds(fixed).back(), kTolerance);
}

/// Of two equal hosts, one falls to a quarter of its speed after 0.1 s: 10 and 10 samples become 16 and 4.
TEST(Balance, ByMeasuredSpeedFollowsAHostWhoseSpeedChanges) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory.path() / "speed.txt") << "0 1.0\n0.1 0.25\n";
  std::ofstream(directory.path() / "platform.xml")
      << "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
         "<platform version=\"4.1\"><zone id=\"z\" routing=\"Full\"><host id=\"steady\" speed=\"1Gf\"/>"
         "<host id=\"changing\" speed=\"1Gf\" speed_file=\"speed.txt\"/>"
         "<link id=\"l\" bandwidth=\"1GBps\" latency=\"50us\"/>"
         "<route src=\"steady\" dst=\"changing\"><link_ctn id=\"l\"/></route></zone></platform>\n";
  const std::string words =
      test::source_path("tests/integration/neutral.xml") +
      " --set //platform/@file=" + (directory.path() / "platform.xml").string() +
      " --set '//deployment=<deployment><role name=\"worker\" hosts=\"steady changing\"/></deployment>' "
      "--set '//disturbances=<disturbances/>' --set //training/@batch=10 --set //observe/@every=1 "
      "--set //stop/@iterations=60 ";
  const auto last_round = [&](const std::string& inside) {
    return round_seconds(
               test::results_of(words + with_strategy("kind=\"allreduce\"", "<collective kind=\"tree\"/>" + inside)))
        .back();
  };
  const double rest = 2 * (kLatency / 2 + kVector) + 4 * kUpdate;
  EXPECT_NEAR(last_round(""), 40 * kSample + rest, kTolerance);
  EXPECT_NEAR(last_round(balance("kind=\"static\"")), 40 * kSample + rest, kTolerance);
  EXPECT_NEAR(last_round(balance("kind=\"adaptive\" every=\"5\" smoothing=\"0.7\"")), 16 * kSample + rest, kTolerance);
}

std::string uneven(const std::string& words = "") {
  return test::source_path("tests/integration/uneven.xml") + " " + words;
}

/// Every round has two samples of each shard, whoever holds it: the same samples, and the same loss to rounding.
TEST(Balance, OfShardsLearnsTheSame) {
  const json equal = test::run(uneven());
  const double loss = equal["loss"];
  for (const std::string& strategy : {kBsp, std::string("kind=\"d-sgd\"")}) {
    const json divided = test::run(uneven(with_strategy(strategy, balance("kind=\"static\" of=\"shards\""))));
    EXPECT_NEAR(divided["loss"], loss, 1e-12);
    EXPECT_LT(divided["time_s"], 0.45 * equal["time_s"].get<double>());
    const json adaptive = test::run(uneven(with_strategy(strategy, balance("kind=\"adaptive\" of=\"shards\""))));
    EXPECT_NEAR(adaptive["loss"], loss, 1e-12);
    EXPECT_LT(adaptive["time_s"], 0.55 * equal["time_s"].get<double>());
  }
  const std::string replicas =
      "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-2]\"/></deployment>' ";
  for (const char* kind : {"static", "adaptive"}) {
    const json divided =
        test::run(uneven(replicas + with_strategy("kind=\"allreduce\"",
                                                  "<collective kind=\"ring\"/>" +
                                                      balance("kind=\"" + std::string(kind) + "\" of=\"shards\""))));
    EXPECT_NEAR(divided["loss"], loss, 1e-12);
  }
}

/// Also where equal workers do not have as many shards: 14 are 5, 5 and 4, and 2, 4 and 8 for their speeds.
TEST(Balance, OfShardsLearnsTheSameFromAnyDivision) {
  const std::string words = uneven("--set //partition/@shards=14 ");
  const double fixed = test::run(words + with_strategy(kBsp, balance("kind=\"static\" of=\"shards\"")))["loss"];
  const double adaptive =
      test::run(words + with_strategy(kBsp, balance("kind=\"adaptive\" of=\"shards\" every=\"7\"")))["loss"];
  EXPECT_NEAR(adaptive, fixed, 1e-12);
}

/// Seven shards each become 3, 6 and 12. Five move, each with 50 samples of 30 features and a label in double
/// precision, and every worker is told of its own, 24 bytes a move.
TEST(Balance, OfShardsChargesWhatMoves) {
  const std::string words = "--set //stop/@iterations=15 ";
  const json still = test::run(uneven(words));
  const json moving =
      test::run(uneven(words + with_strategy(kBsp, balance("kind=\"adaptive\" of=\"shards\" every=\"10\""))));
  EXPECT_EQ(moving["bytes_sent"].get<double>() - still["bytes_sent"].get<double>(), 5 * 50 * 31 * 8 + 2 * 5 * 24);
  EXPECT_EQ(moving["messages_sent"].get<int>() - still["messages_sent"].get<int>(), 5 + 3);
}

TEST(Balance, IsTheSameOnAnyNumberOfThreadsAndOnRepeat) {
  const std::string words = uneven(with_strategy(kBsp, balance("kind=\"adaptive\" of=\"shards\" every=\"7\"")));
  const json one = test::run(words + "--threads 1");
  const json two = test::run(words + "--threads 2");
  EXPECT_EQ(one["parameters_digest"], two["parameters_digest"]);
  EXPECT_EQ(one["time_s"], two["time_s"]);
}

/// Each server's part of the parameters, in whole tensors or equal ones: the same parameters to rounding.
TEST(ServerShards, OfWholeTensorsLearnTheSame) {
  const std::string words = test::source_path("tests/integration/small.xml") +
                            " --set //training/@precision=double --set \"//role[@name='server']/@hosts=node-[4-6]\" ";
  EXPECT_EQ(test::run(words + with_strategy(kBsp + " shards=\"whole-tensors\"", ""))["parameters_digest"],
            test::run(words)["parameters_digest"]);
}

}  // namespace
}  // namespace descent
