// Links that are off, a network in two parts and messages that are lost, against closed forms, against each other and
// against runs without: neutral.xml computes a gradient in 8 ms and updates in 168 us.
#include "tests/support/distributions.hpp"
#include "tests/support/neutral.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace descent {
namespace {

using nlohmann::json;
using namespace test::neutral;

const std::string kNeutral = test::source_path("tests/integration/neutral.xml") + " ";
/// Four workers of a server; a step takes 80 ms.
const std::string kWorkers = test::source_path("tests/integration/failing-workers.xml") + " ";

std::string disturbances(const std::string& elements) {
  return "--set '//disturbances=<disturbances>" + elements + "</disturbances>' ";
}

std::string strategy(const std::string& words, const std::string& timeout) {
  return "--set '//strategy=<strategy " + words + "><recovery timeout=\"" + timeout + "\"/></strategy>' ";
}

std::string server(const std::string& consistency, const std::string& timeout = "100ms") {
  return strategy("kind=\"parameter-server\" consistency=" + consistency, timeout);
}

std::string seconds(double time) {
  return std::to_string(time) + "s";
}

std::string during(double start, double end) {
  return " start=\"" + seconds(start) + "\" end=\"" + seconds(end) + "\"";
}

/// A round of bsp by so many workers, whose vectors share the server's link.
double round_of(int workers) {
  return kGradient + kUpdate + 2 * (kLatency + workers * kVector);
}

/// One of four workers is cut off while it is at its sixth gradient. The server waits for the timeout, and goes on with
/// three, until the worker's next attempt gets through: from then on it is in every round again.
TEST(Partition, CostsExactlyTheRoundsInBetween) {
  constexpr double kTimeout = 0.1;
  constexpr int kBefore = 5;
  constexpr int kUpdates = 40;
  const double start = kBefore * round_of(4);
  const double end = start + 0.15;
  const auto results =
      test::results_of(kNeutral + server("\"bsp\"") + "--set //stop/@iterations=40 --set //observe/@every=1 " +
                       disturbances("<network-partition hosts=\"node-3\"" + during(start + kGradient / 2, end) + "/>"));
  // The server last heard of it as it answered it, a message before the round began.
  const double first = start - kLatency - 4 * kVector + kTimeout + kUpdate;
  double attempt = start + kGradient;
  while (attempt < end) {
    attempt += kTimeout / 2;
  }
  const double rounds = (attempt + kLatency + kVector - first) / round_of(3);
  // Between the answers to the others and their next pushes.
  ASSERT_GT(rounds - std::floor(rounds), 0.25);
  ASSERT_LT(rounds - std::floor(rounds), 0.75);
  const int without = 1 + static_cast<int>(rounds);
  const auto& samples = results.metrics.at("samples");
  ASSERT_EQ(samples.size(), kUpdates + 1U);
  for (int i = 0; i < kUpdates; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const bool cut = i >= kBefore && i < kBefore + without;
    EXPECT_EQ(samples[at + 1] - samples[at], cut ? 24 : 32) << "update " << i + 1;
  }
  EXPECT_NEAR(results.metrics.at("time_s")[kBefore + 1], first, 1e-6);
  EXPECT_NEAR(results.metrics.at("time_s")[kBefore + 2], first + round_of(3), 1e-6);
  EXPECT_FALSE(results.summary.contains("deaths") && results.summary["deaths"] > 0);
  EXPECT_EQ(results.summary["recoveries"], 2);  // from a loss, and a return
}

/// The mean is over those who are reached.
TEST(Partition, LeavesTheMeanOfTheOthers) {
  const std::string run = test::source_path("tests/integration/stragglers.xml") +
                          " --set //stop/@iterations=30 --set //model/@noise=1 --set //training/@precision=double ";
  for (const std::string words :
       {"kind=\"parameter-server\" consistency=\"bsp\"", "kind=\"federated\" local-steps=\"3\"",
        "kind=\"federated\" local-steps=\"3\" server=\"adam\""}) {
    const std::string with = strategy(words, "1000s");
    const json cut = test::run(run + with + disturbances("<network-partition hosts=\"node-3\"/>"));
    const json never_there = test::run(run + with + "--set \"//role[@name='worker']/@hosts=node-[0-2]\" " +
                                       disturbances("<network-partition hosts=\"node-7\"/>"));
    EXPECT_EQ(cut["parameters_digest"], never_there["parameters_digest"]) << words;
    EXPECT_GT(cut["messages_lost"], 0);
    EXPECT_EQ(never_there["messages_lost"], 0);
  }
}

/// Where the only way to a host is its links.
TEST(LinkOutage, OfAllLinksOfAHostIsAPartition) {
  const std::string run = kNeutral + server("\"bsp\"");
  const std::string when = during(0.0905, 0.2105);
  const json outage = test::run(run + disturbances("<link-outage links=\"neutral_link_3_*\"" + when + "/>"));
  const json partition = test::run(run + disturbances("<network-partition hosts=\"node-3\"" + when + "/>"));
  EXPECT_EQ(outage["samples"], partition["samples"]);
  EXPECT_EQ(outage["messages_lost"], partition["messages_lost"]);
  EXPECT_NEAR(outage["time_s"], partition["time_s"].get<double>(), 1e-9);
  EXPECT_EQ(outage["parameters_digest"], partition["parameters_digest"]);
  // Two that overlap are one.
  const std::string parts = "<link-outage links=\"neutral_link_3_*\"" + during(0.0905, 0.15) +
                            "/><link-outage links=\"neutral_link_3_*\"" + during(0.12, 0.2105) + "/>";
  EXPECT_EQ(test::run(run + disturbances(parts))["time_s"], outage["time_s"]);
  // One way only.
  const json deaf = test::run(run + disturbances("<link-outage links=\"neutral_link_3_DOWN\"" + when + "/>"));
  EXPECT_GT(deaf["samples"], outage["samples"]);
  EXPECT_GT(deaf["messages_lost"], 0);
}

TEST(LinkOutage, IsAStateProfileOfThePlatform) {
  const test::TemporaryDirectory directory;
  const auto platform = [&](const std::string& name, const std::string& of_link) {
    std::string text =
        "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
        "<platform version=\"4.1\"><zone id=\"z\" routing=\"Full\">\n";
    for (const std::string host : {"a", "b", "s"}) {
      text += "<host id=\"" + host + "\" speed=\"1Gf\"/><link id=\"wire-" + host +
              "\" bandwidth=\"1GBps\" latency=\"50us\" " + (host == "a" ? of_link : "") + "/>\n";
    }
    for (const std::string pair : {"ab", "as", "bs"}) {
      text += "<route src=\"" + pair.substr(0, 1) + "\" dst=\"" + pair.substr(1) + "\"><link_ctn id=\"wire-" +
              pair.substr(0, 1) + "\"/><link_ctn id=\"wire-" + pair.substr(1) + "\"/></route>\n";
    }
    const std::string file = (directory.path() / name).string();
    std::ofstream(file) << text << "</zone></platform>\n";
    return "--set //platform/@file=" + file + " ";
  };
  std::ofstream(directory.path() / "off.profile") << "0.0725 0\n0.4 1\n";
  const std::string run = kNeutral + server("\"bsp\"") +
                          "--set '//deployment=<deployment><role name=\"worker\" hosts=\"a b\"/><role name=\"server\" "
                          "hosts=\"s\"/></deployment>' --set //stop/@iterations=40 ";
  const json profile = test::run(run + platform("profile.xml", "state_file=\"off.profile\"") + disturbances(""));
  const json outage = test::run(run + platform("plain.xml", "") +
                                disturbances("<link-outage links=\"wire-a\" start=\"72.5ms\" end=\"400ms\"/>"));
  EXPECT_GT(outage["messages_lost"], 0);
  EXPECT_LT(outage["samples"], 40 * 16);
  EXPECT_EQ(outage["samples"], profile["samples"]);
  EXPECT_EQ(outage["parameters_digest"], profile["parameters_digest"]);
  EXPECT_NEAR(outage["time_s"], profile["time_s"].get<double>(), 1e-9);
}

TEST(LinkOutage, IsByMessageAndSaysSo) {
  const test::TemporaryDirectory directory;
  const test::Outcome outcome = test::shell(std::string(DESCENT_PROGRAM) + " run " + kNeutral + server("\"bsp\"") +
                                                disturbances("<link-outage links=\"neutral_link_3_UP\" end=\"1ms\"/>") +
                                                "--set //network/@fidelity=schedule --out " + directory.path().string(),
                                            true);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.output.find("note: <link-outage> turns links off during the run"), std::string::npos)
      << outcome.output;
}

TEST(MessageLoss, IsAsOftenAsItsProbability) {
  const json summary =
      test::run(kWorkers + server("\"asp\"", "300ms") + "--set //stop/@iterations=3000 --set //observe/@every=3000 " +
                disturbances("<message-loss probability=\"0.05\"/>"));
  const double sent = summary["messages_sent"];
  EXPECT_GT(sent, 6000);
  EXPECT_NEAR(summary["messages_lost"], 0.05 * sent, test::kQuantile * std::sqrt(sent * 0.05 * 0.95));
}

/// Of no probability, or never in force, or for nobody, it is as if it were not there.
TEST(MessageLoss, OfNothingChangesNothing) {
  for (const std::string& with : {server("\"bsp\"", "300ms"), server("\"k-async\" k=\"2\"", "300ms"),
                                  strategy("kind=\"federated\" local-steps=\"2\" fraction=\"0.5\"", "300ms")}) {
    const std::string run = kWorkers + with + "--set //stop/@iterations=30 ";
    const json without = test::run(run + disturbances(""));
    for (const std::string nothing :
         {"<message-loss probability=\"0\"/>", "<message-loss probability=\"1\" start=\"1000s\"/>",
          "<message-loss from=\"node-9\" probability=\"1\"/>", "<network-partition hosts=\"node-9\"/>",
          "<link-outage links=\"ethernet-10g_link_9_*\"/>"}) {
      const json run_with = test::run(run + disturbances(nothing));
      EXPECT_EQ(run_with["time_s"], without["time_s"]) << nothing;
      EXPECT_EQ(run_with["parameters_digest"], without["parameters_digest"]) << nothing;
      EXPECT_EQ(run_with["messages_sent"], without["messages_sent"]) << nothing;
      EXPECT_EQ(run_with["messages_lost"], 0);
    }
  }
}

/// Whatever is lost on the way to one who asks again, a gradient is in one update: parameters are those of a run
/// without losses. Answers alone, so that nobody is taken for lost; or, with one worker, anything.
TEST(MessageLoss, MakesNoPushCountTwice) {
  for (const std::string consistency :
       {"\"bsp\"", "\"asp\"", "\"k-sync\" k=\"4\"", "\"k-async\" k=\"4\"", "\"ssp\" bound=\"0\""}) {
    for (const int servers : {1, 2}) {
      if (servers == 2 && consistency == "\"k-sync\" k=\"4\"") {
        continue;  // Goes on with what it has of a version where one server's answer is late.
      }
      const bool ordered = consistency != "\"asp\"" && consistency != "\"ssp\" bound=\"0\"";
      const std::string workers = ordered ? "" : "--set \"//role[@name='worker']/@hosts=node-0\" ";
      const std::string run = kWorkers + server(consistency, "300ms") + workers +
                              "--set //stop/@iterations=40 --set \"//role[@name='server']/@hosts=node-[4-" +
                              std::to_string(3 + servers) + "]\" ";
      const std::string from = ordered ? "from=\"node-[4-5]\" " : "";
      const json healthy = test::run(run + disturbances(""));
      const json lossy = test::run(run + disturbances("<message-loss " + from + "probability=\"0.2\"/>"));
      EXPECT_GT(lossy["messages_lost"], 10);
      EXPECT_EQ(lossy["samples"], healthy["samples"]) << consistency << " " << servers;
      EXPECT_EQ(lossy["parameters_digest"], healthy["parameters_digest"]) << consistency << " " << servers;
      EXPECT_GT(lossy["time_s"], healthy["time_s"]);
    }
  }
}

/// A loss costs half a timeout until the worker asks again, whichever of the two messages it was.
TEST(MessageLoss, OfOneMessageCostsHalfATimeout) {
  const std::string run =
      kNeutral + server("\"bsp\"") + "--set \"//role[@name='worker']/@hosts=node-0\" --set //stop/@iterations=10 ";
  const double healthy = test::run(run + disturbances(""))["time_s"];
  // Of the fourth round: the push, the answer, or the attempt and its answer too.
  const double round = round_of(1);
  const double push = 3 * round + kGradient;
  const double answer = push + kLatency + kVector + kUpdate;
  const auto later = [&](double start, double end) {
    return test::run(run + disturbances("<message-loss probability=\"1\"" + during(start, end) + "/>"))["time_s"]
               .get<double>() -
           healthy;
  };
  EXPECT_NEAR(later(push - 1e-4, push + 1e-4), 0.05, 1e-6);
  // The gradient comes once more, and is not added.
  EXPECT_NEAR(later(answer - 1e-4, answer + 1e-4), 0.05 - kUpdate, 1e-6);
  EXPECT_NEAR(later(push - 1e-4, push + 0.075), 0.1, 1e-6);
}

/// Who has not heard that the run is over learns it when it asks again; a server that nobody takes leave of waits for
/// the timeout, and no longer.
TEST(MessageLoss, AtTheEndOfARun) {
  for (const std::string consistency : {"\"bsp\"", "\"k-sync\" k=\"4\"", "\"k-batch-sync\" k=\"4\""}) {
    const std::string run = kNeutral + server(consistency) + "--set //stop/@iterations=10 ";
    const auto results = test::results_of(run + disturbances(""));
    const double healthy = results.summary["time_s"];
    const double last = results.metrics.at("time_s").back();
    const auto time = [&](const std::string& loss) {
      return test::run(run + disturbances("<message-loss probability=\"1\" " + loss + "/>"))["time_s"].get<double>();
    };
    const double untold = time("from=\"node-8\"" + during(last - 1e-5, last + 0.02));
    EXPECT_GT(untold, healthy + 0.02) << consistency;
    EXPECT_LT(untold, healthy + 0.09) << consistency;
    const double silent = time("from=\"node-[0-3]\" start=\"" + seconds(last) + "\"");
    EXPECT_NEAR(silent, last + 0.1, 0.03) << consistency;
    // Nobody can tell anybody: workers give up after a hundred timeouts, which is no failure.
    EXPECT_NEAR(time("start=\"" + seconds(last - 1e-5) + "\""), last + 0.1, 0.03) << consistency;
  }
  const std::string federated = kNeutral + strategy("kind=\"federated\" local-steps=\"2\"", "100ms");
  const auto results = test::results_of(federated + disturbances(""));
  const double last = results.metrics.at("time_s").back();
  EXPECT_NEAR(test::run(federated + disturbances("<message-loss probability=\"1\" start=\"" + seconds(last - 1e-5) +
                                                 "\"/>"))["time_s"],
              last + 0.1, 0.03);
}

const std::string kNoServer =
    "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-3]\"/></deployment>' ";

/// Every strategy that lives through deaths lives through losses, and comes to the same end again.
TEST(MessageLoss, IsLivedThrough) {
  std::vector<std::string> all;
  for (const std::string consistency : {"\"bsp\"", "\"asp\"", "\"ssp\" bound=\"1\"", "\"k-sync\" k=\"2\"",
                                        "\"k-batch-sync\" k=\"2\"", "\"k-async\" k=\"2\"", "\"k-batch-async\" k=\"2\"",
                                        "\"backup\" backups=\"1\"", "\"asp\" delay-compensation=\"0.1\""}) {
    all.push_back(server(consistency, "300ms"));
    all.push_back(server(consistency, "300ms") + "--set \"//role[@name='server']/@hosts=node-[4-5]\" ");
  }
  for (const std::string more : {"", " fraction=\"0.5\"", " control-variates=\"true\"", " buffer=\"2\""}) {
    all.push_back(strategy("kind=\"federated\" local-steps=\"2\"" + more, "300ms"));
  }
  for (const std::string collective : {"ring", "halving-doubling", "tree", "direct"}) {
    all.push_back("--set '//strategy=<strategy kind=\"allreduce\"><collective kind=\"" + collective +
                  "\"/><recovery timeout=\"300ms\" least-workers=\"3\"/></strategy>' " + kNoServer +
                  "--set //stop/@iterations=30 ");
  }
  for (const std::string algorithm : {"d-psgd", "ad-psgd"}) {
    all.push_back(strategy("kind=\"gossip\" algorithm=\"" + algorithm + "\" graph=\"ring\"", "300ms") + kNoServer);
  }
  for (const std::string& with : all) {
    const bool sums = with.find("allreduce") != std::string::npos;
    const std::string run = kWorkers + "--set //stop/@iterations=60 " + with +
                            disturbances("<message-loss probability=\"" + std::string(sums ? "0.03" : "0.1") + "\"/>");
    const json summary = test::run(run);
    EXPECT_EQ(summary["iterations"], sums ? 30 : 60) << with;
    EXPECT_GT(summary["messages_lost"], sums ? 1 : 5) << with;
    EXPECT_LT(summary["time_s"], 60) << with;
    const json again = test::run(run);
    EXPECT_EQ(again["time_s"], summary["time_s"]) << with;
    EXPECT_EQ(again["parameters_digest"], summary["parameters_digest"]) << with;
  }
}

/// Microseconds: of what has no end, up to that of the run; of what comes later, nothing.
TEST(Timeline, ShowsWhatIsDisturbedForAWhile) {
  const test::TemporaryDirectory directory;
  const std::string run = std::string(DESCENT_PROGRAM) + " run " + kWorkers + server("\"bsp\"", "300ms") +
                          disturbances(
                              "<network-partition hosts=\"node-1\" start=\"1s\" end=\"1500ms\"/>"
                              "<message-loss from=\"node-2\" probability=\"0.1\" start=\"2s\"/>"
                              "<link-outage links=\"*\" start=\"1000s\"/>") +
                          "--set //stop/@iterations=40 --json --trace --out " + directory.path().string();
  const auto outcome = test::shell(run);
  ASSERT_EQ(outcome.exit_code, 0) << run;
  const double end = json::parse(outcome.output)["time_s"].get<double>() * 1e6;
  std::map<std::string, std::pair<double, double>> shown;
  std::ifstream file(directory.path() / "timeline.json");
  const json timeline = json::parse(file);
  for (const json& event : timeline["traceEvents"]) {
    if (event.value("cat", "") == "disturbance") {
      const double begin = event["ts"];
      shown[event["name"]] = {begin, begin + event["dur"].get<double>()};
    }
  }
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown["network-partition node-1"], std::pair(1e6, 1.5e6));
  EXPECT_EQ(shown["message-loss node-2 to *"].first, 2e6);
  EXPECT_NEAR(shown["message-loss node-2 to *"].second, end, 1);
}

/// A client whose answer is lost keeps its control variate, so that the server's stays the mean of all: else SCAFFOLD
/// would settle elsewhere than at the optimum.
TEST(MessageLoss, LeavesControlVariatesTheirMean) {
  const std::string run =
      kWorkers + strategy("kind=\"federated\" local-steps=\"4\" control-variates=\"true\"", "2s") +
      "--set '//data=<data source=\"synthetic-regression\" samples=\"80\" features=\"5\"><partition "
      "kind=\"contiguous\"/></data>' --set '//model=<model kind=\"linear\"><cost "
      "flops-per-sample=\"100Mf\"/></model>' --set //training/@batch=20 --set //stop/@iterations=600 --set "
      "//observe/@every=600 ";
  const double healthy = test::run(run + disturbances(""))["loss"];
  const json lossy = test::run(run + disturbances("<message-loss probability=\"0.1\" end=\"400s\"/>"));
  EXPECT_GT(lossy["messages_lost"], 100);
  EXPECT_NEAR(lossy["loss"].get<double>() / healthy, 1, 1e-6);
}

TEST(NetworkFaults, AreTheSameAtBothFidelities) {
  for (const std::string& with : {server("\"bsp\"", "300ms"), server("\"asp\"", "300ms"),
                                  strategy("kind=\"federated\" local-steps=\"2\"", "300ms")}) {
    const std::string run =
        kWorkers + with + "--set //stop/@iterations=60 " +
        disturbances(
            "<message-loss probability=\"0.05\"/><network-partition hosts=\"node-[1-2]\" start=\"1s\" "
            "end=\"2s\"/><jitter distribution=\"exponential\" mean=\"1ms\"/>");
    const json message = test::run(run);
    const json schedule = test::run(run + "--set //network/@fidelity=schedule ");
    EXPECT_EQ(schedule["fidelity"], "schedule");
    EXPECT_GT(message["messages_lost"], 5);
    EXPECT_EQ(message["messages_lost"], schedule["messages_lost"]) << with;
    EXPECT_EQ(message["samples"], schedule["samples"]) << with;
    EXPECT_NEAR(message["time_s"], schedule["time_s"].get<double>(), 1e-6 * message["time_s"].get<double>()) << with;
  }
}

TEST(NetworkFaults, AreRefusedOverMpi) {
  for (const std::string fault : {"<network-partition hosts=\"node-0\"/>", "<link-outage links=\"neutral_link_3_UP\"/>",
                                  "<message-loss probability=\"0.1\"/>"}) {
    for (const std::string backend : {"--mpi", "--smpi"}) {
      const test::Outcome outcome = test::shell(
          std::string(DESCENT_PROGRAM) + " run " + kNeutral + server("\"bsp\"") + disturbances(fault) + backend, true);
      EXPECT_EQ(outcome.exit_code, 2);
      EXPECT_NE(outcome.output.find("a real network loses what it loses"), std::string::npos) << outcome.output;
    }
  }
}

/// Who waited for whom is said where nobody came to the end.
TEST(NetworkFaults, ThatCutTheServerOffForGood) {
  const auto outcome =
      test::shell(std::string(DESCENT_PROGRAM) + " run --quiet --out /tmp/none " + kNeutral + server("\"bsp\"") +
                      disturbances("<network-partition hosts=\"node-8\" start=\"50ms\"/>"),
                  true);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("rank 0 on node-0 gave up: no answer of server 4 since"), std::string::npos)
      << outcome.output;
  EXPECT_NE(outcome.output.find("rank 4 on node-8 gave up: no worker has been heard of since"), std::string::npos)
      << outcome.output;
}

}  // namespace
}  // namespace descent
