// Hosts and links that are slower for a while, and messages that are late, against closed forms: neutral.xml computes a
// gradient in 8 ms and updates in 168 us.
#include "tests/support/neutral.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace descent {
namespace {

using namespace test::neutral;

constexpr double kTolerance = 1e-9;

double seconds(const std::string& words) {
  return test::run(test::source_path("tests/integration/neutral.xml") + " " + words)["time_s"];
}

std::string disturbances(const std::string& elements) {
  return "--set '//disturbances=<disturbances>" + elements + "</disturbances>' ";
}

const std::string kOneNode =
    "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-0\"/></deployment>' --set "
    "'//strategy=<strategy kind=\"sgd\"/>' ";

TEST(SlowPeriod, EndsWhereTheClosedFormDoes) {
  // 20 steps of 8.168 ms. Until 50 ms at full speed; to 80 ms at 1/2; to 100 ms at 1/8; to 200 ms at 1/4.
  const double work = 20 * (kGradient + kUpdate);
  const double done = 0.05 + 0.03 / 2 + 0.02 / 8 + 0.1 / 4;
  const double expected = 0.2 + (work - done);
  const std::string periods =
      "<slow-period hosts=\"node-0\" start=\"50ms\" end=\"100ms\" factor=\"0.5\"/>"
      "<slow-period hosts=\"node-[0-3]\" start=\"80ms\" end=\"200ms\" factor=\"0.25\"/>"
      "<slow-period hosts=\"node-1\" start=\"0s\" factor=\"0.01\"/>";
  EXPECT_NEAR(seconds(kOneNode + disturbances(periods)), expected, kTolerance * expected);
  // Twice as fast a host does all of it in half of the time.
  const std::string faster = "<host-speed hosts=\"node-0\" factor=\"2\"/>" + periods;
  const double early = 0.05 + 0.03 / 2 + 0.02 / 8;
  const double sooner = 0.1 + (work / 2 - early) * 4;
  EXPECT_NEAR(seconds(kOneNode + disturbances(faster)), sooner, kTolerance * sooner);
}

TEST(SlowPeriod, MayHoldFromTheStartAndForEver) {
  const double work = 20 * (kGradient + kUpdate);
  const double expected = 3 * work;
  EXPECT_NEAR(seconds(kOneNode + disturbances("<slow-period hosts=\"*\" factor=\"0.33333333333333333\"/>")), expected,
              kTolerance * expected);
  // Faster for a while, too.
  EXPECT_NEAR(seconds(kOneNode + disturbances("<slow-period hosts=\"*\" start=\"10ms\" end=\"20ms\" factor=\"4\"/>")),
              work - 0.03, kTolerance * work);
}

TEST(SlowPeriod, HoldsARoundOfBspUp) {
  // A round takes gradient and update, a push, in which four vectors share the server's link, and an answer like that.
  const double round = kGradient + kUpdate + 2 * (kLatency + 4 * kVector);
  // In the third round node-2 computes half of its gradient at full speed, and the other at a tenth of it. Then it
  // finds the link to the server free of the three others' vectors.
  const double start = 2 * round + kGradient / 2;
  const std::string period = "<slow-period hosts=\"node-2\" start=\"" + std::to_string(start) + "s\" end=\"" +
                             std::to_string(start + 5 * kGradient) + "s\" factor=\"0.1\"/>";
  const double later = 9 * kGradient / 2 - 3 * kVector;
  EXPECT_NEAR(seconds(disturbances(period)) - seconds(""), later, kTolerance);
}

TEST(SlowPeriod, LeavesStepsInSecondsAlone) {
  const std::string trace = "<slowdown distribution=\"trace\" unit=\"seconds\" file=\"two-seconds.csv\"/>";
  const std::string words = kOneNode + "--set //stop/@iterations=3 ";
  const double plain = seconds(words + disturbances(trace));
  EXPECT_NEAR(plain, 3 * (2 + kUpdate), kTolerance * plain);
  const double slow = seconds(words + disturbances(trace + "<slow-period hosts=\"*\" factor=\"0.5\"/>"));
  EXPECT_NEAR(slow, 3 * (2 + 2 * kUpdate), kTolerance * slow);
}

TEST(SlowPeriod, IsTheSameAtBothFidelities) {
  const std::string words =
      disturbances("<slow-period hosts=\"node-[0-1]\" start=\"20ms\" end=\"70ms\" factor=\"0.3\"/>");
  const double messages = seconds(words);
  EXPECT_NEAR(seconds(words + "--set //network/@fidelity=schedule"), messages, 1e-6 * messages);
}

/// One worker and one update: a gradient until 8 ms, its latency until 8.1 ms, the push until 9.1 ms, update and
/// answer.
const std::string kOneUpdate =
    "--set \"//role[@name='worker']/@hosts=node-0\" --set //stop/@iterations=1 --set //observe/@every=1 ";
constexpr double kOneEnd = kGradient + kLatency + kVector + kUpdate + kLatency + 8e-9;

std::string link_change(const std::string& attributes) {
  return "<link-change links=\"neutral_link_0_UP\" " + attributes + "/>";
}

TEST(LinkChange, AMessageUnderWayEndsWhereTheClosedFormDoes) {
  EXPECT_NEAR(seconds(kOneUpdate), kOneEnd, kTolerance);
  // Half of the vector at full bandwidth until 8.6 ms, a quarter of it at a quarter until 9.6 ms, the rest at full.
  EXPECT_NEAR(
      seconds(kOneUpdate + disturbances(link_change("start=\"8.6ms\" end=\"9.6ms\" bandwidth-factor=\"0.25\""))),
      kOneEnd + 0.75e-3, kTolerance);
  // Two that overlap: half until 8.6 ms, a twentieth at half until 8.7 ms, the rest at a tenth.
  EXPECT_NEAR(seconds(kOneUpdate + disturbances(link_change("start=\"8.6ms\" bandwidth-factor=\"0.5\"") +
                                                link_change("start=\"8.7ms\" bandwidth-factor=\"0.2\""))),
              kOneEnd - 0.5e-3 + 0.1e-3 + 0.45e-3 * 10, kTolerance);
  // The way back is another link.
  EXPECT_NEAR(seconds(kOneUpdate + disturbances(link_change("start=\"9.2ms\" bandwidth-factor=\"0.1\""))), kOneEnd,
              kTolerance);
}

TEST(LinkChange, TheLatencyIsThatOfTheMessagesBegin) {
  EXPECT_NEAR(seconds(kOneUpdate + disturbances(link_change("start=\"1ms\" end=\"8.5ms\" latency-factor=\"3\""))),
              kOneEnd + kLatency, kTolerance);
  EXPECT_NEAR(seconds(kOneUpdate + disturbances(link_change("start=\"8.2ms\" latency-factor=\"3\""))), kOneEnd,
              kTolerance);
}

TEST(LinkChange, IsByMessageAndSaysSo) {
  const std::string words = kOneUpdate +
                            disturbances(link_change("start=\"8.6ms\" end=\"9.6ms\" bandwidth-factor=\"0.25\"")) +
                            "--set //network/@fidelity=schedule ";
  EXPECT_NEAR(seconds(words), kOneEnd + 0.75e-3, kTolerance);
  const test::TemporaryDirectory directory;
  const test::Outcome outcome =
      test::shell(std::string(DESCENT_PROGRAM) + " run " + test::source_path("tests/integration/neutral.xml") + " " +
                      words + "--out " + directory.path().string(),
                  true);
  EXPECT_NE(outcome.output.find("neutral.xml:19: note: <link-change> changes links during the run"), std::string::npos)
      << outcome.output;
}

TEST(LinkChange, IsRefusedOverMpi) {
  for (const std::string backend : {"--mpi", "--smpi"}) {
    const test::Outcome outcome =
        test::shell(std::string(DESCENT_PROGRAM) + " run " + test::source_path("tests/integration/neutral.xml") + " " +
                        disturbances(link_change("bandwidth-factor=\"0.25\"")) + backend,
                    true);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_NE(outcome.output.find("<link-change>: links of a real network are not ours to change"), std::string::npos)
        << outcome.output;
  }
}

const std::string kJitter = "<jitter distribution=\"exponential\" mean=\"2ms\"/>";

TEST(Jitter, AddsItsMeanToEveryMessage) {
  // One worker and one server in turn: two messages a round, the last answer of which is short.
  constexpr int kRounds = 2000;
  const double plain = kRounds * (kGradient + kUpdate + 2 * (kLatency + kVector)) - kVector;
  const std::string words = "--set \"//role[@name='worker']/@hosts=node-0\" --set //stop/@iterations=2000 ";
  const auto late = [&](const std::string& more) { return seconds(words + more) - plain; };
  // The standard deviation of an exponential time is its mean; 99.9 %.
  const auto width = [](double messages) { return 3.2905 * 2e-3 * std::sqrt(messages); };
  EXPECT_NEAR(late(disturbances(kJitter)), 2 * kRounds * 2e-3, width(2 * kRounds));
  const std::string pushes = "<jitter from=\"node-0\" to=\"node-8\" distribution=\"exponential\" mean=\"2ms\"/>";
  EXPECT_NEAR(late(disturbances(pushes)), kRounds * 2e-3, width(kRounds));
  EXPECT_EQ(late(disturbances(pushes)), late(disturbances(pushes)));
  EXPECT_NE(late(disturbances(pushes)), late(disturbances(pushes) + "--seed 9"));
}

/// A rank draws for the messages that it begins, in their order, by whatever network they go.
TEST(Jitter, IsTheSameAtBothFidelities) {
  for (const std::string strategy :
       {"<strategy kind=\"parameter-server\" consistency=\"bsp\"/>",
        "<strategy kind=\"allreduce\"><collective kind=\"ring\"/></strategy>",
        "<strategy kind=\"allreduce\"><collective kind=\"recursive-doubling\"/></strategy>"}) {
    std::string words = disturbances(kJitter) + "--set '//strategy=" + strategy + "' ";
    if (strategy.find("allreduce") != std::string::npos) {
      words += "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-4]\"/></deployment>' ";
    }
    const double messages = seconds(words);
    EXPECT_NEAR(seconds(words + "--set //network/@fidelity=schedule"), messages, 1e-6 * messages) << strategy;
  }
}

TEST(Jitter, IsRefusedOverMpi) {
  for (const std::string backend : {"--mpi", "--smpi"}) {
    const test::Outcome outcome =
        test::shell(std::string(DESCENT_PROGRAM) + " run " + test::source_path("tests/integration/neutral.xml") + " " +
                        disturbances(kJitter) + backend,
                    true);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_NE(outcome.output.find("<jitter>: a real network has its own"), std::string::npos) << outcome.output;
  }
}

}  // namespace
}  // namespace descent
