// Decentralized training goes on, whoever dies and whoever comes back.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace descent {
namespace {

using nlohmann::json;

constexpr int kIterations = 60;
/// Seconds.
constexpr double kStep = 0.08;
constexpr double kTimeout = 1;

std::string workers(int count) {
  return "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-" + std::to_string(count - 1) +
         "]\"/></deployment>' ";
}

std::string gossip(const std::string& algorithm, const std::string& graph, const std::string& recovery) {
  return "--set '//strategy=<strategy kind=\"gossip\" algorithm=\"" + algorithm + "\" graph=\"" + graph + "\">" +
         recovery + "</strategy>' ";
}

std::string crash(const std::string& hosts, const std::string& at, const std::string& repair = "") {
  return "<crash hosts=\"" + hosts + "\" " + at + (repair.empty() ? "" : " repair=\"" + repair + "\"") + "/>";
}

std::string faults(const std::string& elements) {
  return "--set '//disturbances=<disturbances>" + elements + "</disturbances>' ";
}

const std::string kRun = test::source_path("tests/integration/failing-workers.xml") +
                         " --set //stop/@iterations=60 --set //observe/@every=5 ";
const std::string kForgiving = "<recovery timeout=\"1s\"/>";

TEST(Gossip, WithoutLossesIsTheSameWhetherItCouldBearThem) {
  for (const std::string algorithm : {"d-psgd", "ad-psgd"}) {
    for (const std::string graph : {"ring", "exponential", "star"}) {
      const std::string run = kRun + workers(6) + faults("");
      // A step takes 80 ms, and who is drawn seldom is not lost for it.
      const json could = test::run(run + gossip(algorithm, graph, "<recovery timeout=\"100ms\"/>"));
      const json could_not = test::run(run + gossip(algorithm, graph, ""));
      EXPECT_EQ(could["parameters_digest"], could_not["parameters_digest"]) << algorithm << graph;
      EXPECT_NEAR(could["time_s"], could_not["time_s"].get<double>(), 1e-6) << algorithm << graph;
      EXPECT_EQ(could["consensus_distance"], could_not["consensus_distance"]);
      EXPECT_FALSE(could.contains("recoveries"));
    }
  }
}

struct Disaster {
  std::string what;
  int ring = 6;
  std::string faults = {};
  int deaths = 0;
  /// Seconds that it may take more than without, in timeouts.
  double timeouts = 3;
};

TEST(Gossip, GoesOnWhoeverDies) {
  const std::vector<Disaster> disasters{
      {"two neighbours at once", 6, crash("node-[2-3]", "at=\"1s\""), 2},
      {"a ring in two halves", 6, crash("node-0 node-3", "at=\"1s\""), 2},
      {"a ring in two halves for a while", 6, crash("node-0 node-3", "at=\"1s\"", "2s"), 2},
      {"one left alone", 3, crash("node-[1-2]", "at=\"1s\""), 2},
      {"one left alone for a while", 3, crash("node-[1-2]", "at=\"1s\"", "1500ms"), 2},
      {"one after another", 5,
       crash("node-0", "at=\"1s\"") + crash("node-1", "at=\"2s\"") + crash("node-2", "at=\"3s\"") +
           crash("node-3", "at=\"4s\""),
       4, 6},
      {"back before anybody has noticed", 6, crash("node-2", "at=\"1s\"", "10ms"), 1},
  };
  for (const std::string algorithm : {"d-psgd", "ad-psgd"}) {
    for (const Disaster& disaster : disasters) {
      const std::string run = kRun + workers(disaster.ring) + gossip(algorithm, "ring", kForgiving);
      const test::Results results = test::results_of(run + faults(disaster.faults));
      const json& summary = results.summary;
      const std::string what = algorithm + ", " + disaster.what;
      ASSERT_FALSE(summary.is_null()) << what;
      EXPECT_EQ(summary["iterations"], kIterations) << what;
      EXPECT_EQ(summary["deaths"], disaster.deaths) << what;
      EXPECT_TRUE(summary["loss"].is_number()) << what;
      EXPECT_LT(summary["loss"].get<double>(), 0.5 * results.metrics.at("loss").front()) << what;
      EXPECT_LT(summary["time_s"].get<double>(), kIterations * kStep * 1.05 + disaster.timeouts * kTimeout) << what;
      // Whoever is missing, there are observations.
      EXPECT_EQ(results.metrics.at("loss").size(), kIterations / 5 + 1U) << what;
      for (std::size_t i = 1; i < results.metrics.at("time_s").size(); ++i) {
        EXPECT_GE(results.metrics.at("time_s")[i], results.metrics.at("time_s")[i - 1]) << what;
        EXPECT_GE(results.metrics.at("samples")[i], results.metrics.at("samples")[i - 1]) << what;
      }
      const json again = test::run(run + faults(disaster.faults));
      EXPECT_EQ(again["parameters_digest"], summary["parameters_digest"]) << what;
      EXPECT_EQ(again["time_s"], summary["time_s"]) << what;
    }
  }
}

/// What nobody knows any more begins once more, together.
TEST(Gossip, BeginsOnceMoreWhenAllHaveDied) {
  for (const std::string algorithm : {"d-psgd", "ad-psgd"}) {
    for (const std::string graph : {"ring", "complete", "star"}) {
      const std::string run = kRun + workers(6) + gossip(algorithm, graph, kForgiving);
      const json together = test::run(run + faults(crash("node-[0-5]", "at=\"2s\"", "500ms")));
      EXPECT_EQ(together["iterations"], kIterations);
      EXPECT_EQ(together["deaths"], 6);
      EXPECT_NEAR(together["time_s"].get<double>(), 2.5 + kIterations * kStep, 2.1 * kTimeout) << algorithm << graph;
      std::string in_turn;
      for (int worker = 0; worker < 6; ++worker) {
        in_turn += crash("node-" + std::to_string(worker), "at=\"2s\"", std::to_string(1 + worker) + "s");
      }
      const json back = test::run(run + faults(in_turn));
      EXPECT_EQ(back["iterations"], kIterations);
      EXPECT_LT(back["time_s"].get<double>(), 8 + 2 * kIterations * kStep) << algorithm << graph;
    }
  }
}

/// Two halves that have trained apart are one graph again: nothing of either is thrown away.
TEST(Gossip, AveragesWhatWasCutOff) {
  for (const std::string algorithm : {"d-psgd", "ad-psgd"}) {
    const std::string run = kRun + workers(6) + gossip(algorithm, "ring", kForgiving) + "--set //stop/@iterations=150 ";
    const auto distance = test::results_of(run + faults(crash("node-0 node-3", "at=\"1s\"", "4s"))).metrics;
    const auto& apart = distance.at("consensus_distance");
    const auto for_good = test::run(run + faults(crash("node-0 node-3", "at=\"1s\"")));
    EXPECT_LT(apart.back(), 0.7 * for_good["consensus_distance"].get<double>()) << algorithm;
  }
}

/// Nobody is needed to say that time is over, not even rank 0.
TEST(Gossip, EndsInTimeWithoutRankZero) {
  for (const std::string algorithm : {"d-psgd", "ad-psgd"}) {
    const std::string run = kRun + workers(6) + gossip(algorithm, "ring", kForgiving) +
                            "--set '//stop=<stop time=\"5s\"/>' --set '//observe=<observe every-time=\"500ms\"/>' ";
    const test::Results results = test::results_of(run + faults(crash("node-0", "at=\"2s\"")));
    EXPECT_NEAR(results.summary["time_s"], 5, 3 * kTimeout) << algorithm;
    EXPECT_GT(results.metrics.at("time_s").back(), 4.9) << algorithm;
    EXPECT_GE(results.metrics.at("time_s").size(), 10U) << algorithm;
  }
}

/// A life that knows nothing and hears of nobody ends, and says so; the run with it, unless others come to its end.
TEST(Gossip, EndsALifeThatHearsOfNobody) {
  const std::string run = kRun + workers(2) + gossip("d-psgd", "ring", "<recovery timeout=\"1s\" give-up=\"3s\"/>") +
                          faults(crash("node-0", "at=\"1s\"") + crash("node-1", "at=\"1s\"", "1s"));
  const auto outcome = test::shell(std::string(DESCENT_PROGRAM) + " run --quiet --out /tmp/none " + run, true);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("rank 1 on node-1 gave up: no neighbour has been heard of since 2 s"),
            std::string::npos)
      << outcome.output;
}

/// Long enough for a busy machine: who is lost there by mistake would change the parameters.
TEST(Gossip, LosesTheSameOverMpi) {
  for (const std::string graph : {"ring", "complete"}) {
    const std::string run = kRun + workers(4) + gossip("d-psgd", graph, "<recovery timeout=\"4s\"/>") +
                            faults(crash("node-2", "at-step=\"20\""));
    const json simulated = test::run(run);
    const json real = test::run(run + "--mpi");
    EXPECT_EQ(real["parameters_digest"], simulated["parameters_digest"]) << graph;
    EXPECT_EQ(real["samples"], simulated["samples"]) << graph;
    EXPECT_EQ(real["deaths"], 1);
    EXPECT_EQ(real["loss"], simulated["loss"]) << graph;
  }
}

TEST(Gossip, ComesBackOverMpi) {
  for (const std::string algorithm : {"d-psgd", "ad-psgd"}) {
    const std::string run = kRun + workers(4) +
                            gossip(algorithm, "ring", "<recovery timeout=\"200ms\" give-up=\"2s\"/>") +
                            faults(crash("node-2", "at-step=\"20\"", "50ms")) + "--set //stop/@iterations=400 --mpi ";
    const json summary = test::run(run);
    EXPECT_EQ(summary["iterations"], 400) << algorithm;
    EXPECT_EQ(summary["deaths"], 1) << algorithm;
    EXPECT_TRUE(summary["loss"].is_number()) << algorithm;
    EXPECT_LT(summary["loss"].get<double>(), 0.5) << algorithm;
  }
}

}  // namespace
}  // namespace descent
