// Failures, checkpoints and recovery against theory and against the same run without failures.
#include "algorithms/recovery/interval.hpp"
#include "tests/support/program.hpp"
#include "tests/support/results_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace descent {
namespace {

using nlohmann::json;

const std::string kFailing = test::source_path("tests/integration/failing.xml") + " ";

/// Of failing.xml, in seconds.
constexpr double kMtbf = 300;
constexpr double kCost = 5;
constexpr double kRestart = 2;
constexpr double kInterval = 60;
constexpr double kWork = 1200;

/// 99.9 % of a normal distribution are within so many standard deviations.
constexpr double kQuantile = 3.29;

double time_of(const std::string& words) {
  return test::run(kFailing + words)["time_s"];
}

/// Daly 2006, eq. 20, but for the checkpoint at the very end, which is not part of the run's last step.
TEST(Checkpoints, TakeTheMeanTimeOfDalysFormula) {
  const test::TemporaryDirectory directory;
  const std::string command = std::string(DESCENT_PROGRAM) + " sweep " + kFailing + "--jobs 1 --quiet --out ";
  const test::Outcome swept = test::shell(command + directory.path().string(), true);
  ASSERT_EQ(swept.exit_code, 0) << swept.output;
  const test::Rows moments = test::query(directory.path() / "results.sqlite",
                                         "SELECT count(value), avg(value), avg(value * value) FROM metrics "
                                         "WHERE name = 'time_s'");
  const double runs = std::stod(moments.at(0).at(0));
  const double mean = std::stod(moments.at(0).at(1));
  const double half_width = kQuantile * std::sqrt((std::stod(moments.at(0).at(2)) - mean * mean) / runs);
  EXPECT_EQ(runs, 200);
  EXPECT_NEAR(mean, expected_completion(kWork, kInterval, kCost, kRestart, kMtbf), half_width + kCost);
  // No wider than what would tell this from a run without failures, or one without restarts.
  EXPECT_LT(half_width, 0.05 * mean);
}

TEST(Checkpoints, AutoIsNearlyTheBestInterval) {
  const std::string longer = "--set //stop/@iterations=30000 --set //observe/@every=30000 ";
  double best = std::numeric_limits<double>::infinity();
  for (const int interval : {10, 20, 30, 40, 50, 60, 80, 120, 200}) {
    best = std::min(best, time_of(longer + "--set //recovery/@checkpoint-every=" + std::to_string(interval)));
  }
  const double automatic =
      time_of(longer + "--set '//recovery=<recovery checkpoint=\"auto\" write=\"200MBps\" read=\"500MBps\"/>'");
  EXPECT_LT(automatic, 1.1 * best);
}

/// Seconds: 60 steps and a checkpoint, 35.5 that are lost, ten down, two of reading, and the rest as if nothing had
/// been.
TEST(Checkpoints, LoseWhatCameAfterThem) {
  const std::string once =
      "--set '//disturbances=<disturbances><crash hosts=\"node-0\" at=\"100.5s\" "
      "repair=\"10s\"/></disturbances>' --set //stop/@iterations=300 ";
  const json summary = test::run(kFailing + once);
  EXPECT_EQ(summary["deaths"], 1);
  EXPECT_EQ(summary["recoveries"], 1);
  EXPECT_NEAR(summary["downtime_s"], 10, 1e-6);
  EXPECT_NEAR(summary["work_lost_s"], 35.5, 1e-5);
  EXPECT_EQ(summary["iterations"], 300);
  // Five checkpoints, the last of them after the last step.
  EXPECT_NEAR(summary["time_s"], 300 + 5 * kCost + 35.5 + 10 + kRestart, 1e-4);
}

/// A next life takes the same batches and the same noise from the checkpoint on.
TEST(Checkpoints, LeadToTheSameParametersAsNoFailures) {
  const std::string words =
      "--set //training/@math=on --set //training/@precision=double --set //observe/@every=100 "
      "--set '//model=<model kind=\"quadratic\" dimension=\"50\" noise=\"1\"><cost "
      "flops-per-sample=\"1Gf\"/></model>' ";
  const json failing = test::run(kFailing + words);
  const json healthy = test::run(kFailing + words + "--set '//disturbances=<disturbances/>'");
  EXPECT_GT(failing["deaths"], 0);
  EXPECT_GT(failing["time_s"], healthy["time_s"]);
  EXPECT_EQ(failing["parameters_digest"], healthy["parameters_digest"]);
  EXPECT_EQ(failing["samples"], healthy["samples"]);
  const json again = test::run(kFailing + words);
  EXPECT_EQ(again["time_s"], failing["time_s"]);
}

TEST(Failures, FasterThanAnyRecoveryEndTheRun) {
  const test::TemporaryDirectory directory;
  const auto outcome = test::shell(std::string(DESCENT_PROGRAM) + " run " + kFailing +
                                       "--set //failures/@mtbf=3s --quiet --out " + directory.path().string(),
                                   true);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("hosts fail faster than ranks recover"), std::string::npos) << outcome.output;
}

const std::string kWorkers = test::source_path("tests/integration/failing-workers.xml") + " ";

std::string faults(const std::string& elements) {
  return "--set '//disturbances=<disturbances>" + elements + "</disturbances>' ";
}

std::string strategy(const std::string& words, const std::string& recovery = "timeout=\"1s\" checkpoint-every=\"10\"") {
  return "--set '//strategy=<strategy " + words + "><recovery " + recovery + "/></strategy>' ";
}

/// Whenever it dies, and whatever it is at: every update that a worker has heard of is in durable memory, and what was
/// not answered is pushed again and counts once.
TEST(Server, BeginsAnewWithAllThatWorkersKnow) {
  for (const std::string servers : {"node-[4]", "node-[4-5]"}) {
    const std::string run =
        kWorkers + "--set //stop/@iterations=20 --set \"//role[@name='server']/@hosts=" + servers + "\" ";
    const json healthy = test::run(run + faults(""));
    for (int i = 0; i < 12; ++i) {
      const std::string at = std::to_string(37 + 131 * i) + "ms";
      const json failing = test::run(run + faults("<crash hosts=\"node-4\" at=\"" + at + "\" repair=\"300ms\"/>"));
      EXPECT_EQ(failing["deaths"], 1) << at;
      EXPECT_EQ(failing["parameters_digest"], healthy["parameters_digest"]) << servers << " " << at;
      EXPECT_EQ(failing["samples"], healthy["samples"]) << at;
      // No worker needs more than its timeout to push again.
      EXPECT_LT(failing["time_s"].get<double>(), healthy["time_s"].get<double>() + 1.4) << at;
      EXPECT_GT(failing["time_s"].get<double>(), healthy["time_s"].get<double>()) << at;
    }
  }
}

TEST(Server, WithoutCheckpointsCannotBeginAnew) {
  const auto outcome = test::shell(std::string(DESCENT_PROGRAM) + " run --quiet --out /tmp/none " + kWorkers +
                                       strategy("kind=\"parameter-server\" consistency=\"bsp\"", "timeout=\"1s\"") +
                                       faults("<crash hosts=\"node-4\" at=\"1s\" repair=\"1s\"/>"),
                                   true);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("server 4 lost its parameters"), std::string::npos) << outcome.output;
}

/// 24 rounds of four, and 76 of three; in between the server waits once for who does not come.
TEST(Worker, ThatIsLostCostsOneTimeout) {
  const json healthy = test::run(kWorkers + faults(""));
  const json failing = test::run(kWorkers + faults("<crash hosts=\"node-1\" at=\"2s\"/>"));
  EXPECT_EQ(failing["samples"], 24 * 32 + 76 * 24);
  EXPECT_NEAR(failing["time_s"], healthy["time_s"].get<double>() + 1, 0.1);
  EXPECT_EQ(failing["deaths"], 1);
  const json back = test::run(kWorkers + faults("<crash hosts=\"node-1\" at=\"2s\" repair=\"2s\"/>"));
  EXPECT_GT(back["samples"], failing["samples"]);
}

/// The mean is over those who are there: with the fourth of four workers dead from the beginning, parameters are those
/// of three.
TEST(Losses, LeaveTheMeanOfThoseWhoAreThere) {
  const std::string run = test::source_path("tests/integration/stragglers.xml") +
                          " --set //stop/@iterations=30 --set //model/@noise=1 --set //training/@precision=double ";
  const std::string four = "--set \"//role[@name='worker']/@hosts=node-[0-3]\" ";
  const std::string three = "--set \"//role[@name='worker']/@hosts=node-[0-2]\" ";
  for (const std::string words :
       {"kind=\"parameter-server\" consistency=\"bsp\"", "kind=\"federated\" local-steps=\"3\"",
        "kind=\"federated\" local-steps=\"3\" server=\"adam\""}) {
    const std::string with = strategy(words, "timeout=\"1000s\"");
    const json lost = test::run(run + four + with + faults("<crash hosts=\"node-3\" at=\"1us\"/>"));
    const json never_there = test::run(run + three + with + faults(""));
    EXPECT_EQ(lost["parameters_digest"], never_there["parameters_digest"]) << words;
    EXPECT_EQ(lost["deaths"], 1);
  }
}

/// A rank falls silent, and is back; the server's next life reads files.
TEST(Lives, AreLivedOverMpiToo) {
  const std::string quick = "--set //recovery/@timeout=100ms --set //stop/@iterations=60 ";
  const json worker =
      test::run(kWorkers + quick + "--mpi " + faults("<crash hosts=\"node-1\" at-step=\"20\" repair=\"100ms\"/>"));
  EXPECT_EQ(worker["deaths"], 1);
  EXPECT_EQ(worker["iterations"], 60);
  EXPECT_LT(worker["samples"], 60 * 32);
  // Long enough for a busy machine: who is lost there by mistake would change the parameters.
  const std::string patient = kWorkers + "--set //recovery/@timeout=4s --set //stop/@iterations=60 ";
  const json server = test::run(patient + "--mpi " + faults("<crash hosts=\"node-4\" at=\"10ms\" repair=\"100ms\"/>"));
  EXPECT_EQ(server["deaths"], 1);
  EXPECT_EQ(server["parameters_digest"], test::run(patient + faults(""))["parameters_digest"]);
}

/// 100 steps of 80 ms. One joins after 25 of them, one leaves after 75: a quarter of the time each is away.
TEST(Workers, JoinAndLeave) {
  const std::string coming =
      faults("<crash hosts=\"node-2\" at=\"0s\" repair=\"2s\"/><crash hosts=\"node-3\" at=\"6s\"/>");
  const std::string no_server =
      "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-3]\"/></deployment>' ";
  const std::string collective =
      "--set '//strategy=<strategy kind=\"allreduce\"><collective kind=\"ring\"/><recovery "
      "timeout=\"200ms\"/></strategy>' ";
  for (const std::string& run :
       {kWorkers + strategy("kind=\"parameter-server\" consistency=\"bsp\"", "timeout=\"200ms\""),
        kWorkers + no_server + collective,
        kWorkers + no_server + strategy("kind=\"gossip\" algorithm=\"d-psgd\" graph=\"ring\"", "timeout=\"200ms\"")}) {
    const json summary = test::run(run + coming);
    EXPECT_EQ(summary["iterations"], 100) << run;
    EXPECT_NEAR(summary["samples"], 100 * 4 * 8 - 2 * 25 * 8, 12 * 8) << run;
    EXPECT_NEAR(summary["time_s"], 8, 1.5) << run;
  }
}

/// A server of clients loses the rounds since its newest checkpoint, and they come to the same optimum.
TEST(Server, OfClientsGoesOnFromItsCheckpoint) {
  for (const std::string how : {"", " buffer=\"2\""}) {
    const std::string with =
        kWorkers + strategy("kind=\"federated\" local-steps=\"2\"" + how, "timeout=\"1s\" checkpoint-every=\"10\"");
    const json healthy = test::run(with + faults(""));
    const json failing = test::run(with + faults("<crash hosts=\"node-4\" at=\"5s\" repair=\"3s\"/>"));
    EXPECT_EQ(failing["deaths"], 1) << how;
    EXPECT_EQ(failing["iterations"], healthy["iterations"]) << how;
    EXPECT_EQ(failing["samples"], healthy["samples"]) << how;
    // At most ten rounds of 160 ms each are repeated.
    const double later = failing["time_s"].get<double>() - healthy["time_s"].get<double>();
    EXPECT_GT(later, 3) << how;
    EXPECT_LT(later, 3 + 11 * 0.17 + 1) << how;
    EXPECT_NEAR(failing["loss"].get<double>() / healthy["loss"].get<double>(), 1, 0.05) << how;
  }
}

/// Deaths before a step are before the same step everywhere, whatever the clock says: of a replica, and of the one that
/// leads, which comes back when the others have agreed.
TEST(Lives, OfReplicasLeadToTheSameParametersOverMpi) {
  const std::string replicas = test::source_path("tests/integration/failing-replicas.xml") + " ";
  // Long enough for a busy machine.
  const std::string patient = "--set //recovery/@timeout=2s ";
  for (const std::string crash :
       {"<crash hosts=\"node-1\" at-step=\"20\"/>", "<crash hosts=\"node-0\" at-step=\"20\" repair=\"50ms\"/>"}) {
    const json simulated = test::run(replicas + patient + faults(crash));
    const json real = test::run(replicas + patient + faults(crash) + "--mpi");
    EXPECT_EQ(real["parameters_digest"], simulated["parameters_digest"]) << crash;
    EXPECT_EQ(real["samples"], simulated["samples"]) << crash;
    EXPECT_EQ(real["iterations"], 60) << crash;
    EXPECT_EQ(real["deaths"], 1) << crash;
    EXPECT_GT(real["downtime_s"], 0.04) << crash;
  }
}

TEST(Lives, OfReplicasThatNeverDieAreAsWithoutRecovery) {
  const std::string replicas = test::source_path("tests/integration/failing-replicas.xml") + " " + faults("");
  for (const std::string collective : {"ring", "double-tree", "recursive-doubling"}) {
    const std::string without =
        "--set '//strategy=<strategy kind=\"allreduce\"><collective kind=\"" + collective + "\"/>";
    const json plain = test::run(replicas + without + "</strategy>'");
    const json elastic = test::run(replicas + without + "<recovery timeout=\"1s\"/></strategy>'");
    EXPECT_EQ(elastic["parameters_digest"], plain["parameters_digest"]) << collective;
    EXPECT_NEAR(elastic["time_s"].get<double>() / plain["time_s"].get<double>(), 1, 1e-2) << collective;
  }
}

TEST(Lives, OfTooFewReplicasEndTheRun) {
  const auto outcome =
      test::shell(std::string(DESCENT_PROGRAM) + " run --quiet --out /tmp/none " +
                      test::source_path("tests/integration/failing-replicas.xml ") +
                      faults("<crash hosts=\"node-1\" at=\"1ms\"/><crash hosts=\"node-4\" at=\"2ms\"/>") +
                      "--set '//recovery=<recovery timeout=\"400ms\" give-up=\"5s\" least-workers=\"4\"/>'",
                  true);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("rank 0 on node-0 gave up: no agreement with the other workers since 0.4"),
            std::string::npos)
      << outcome.output;
  EXPECT_NE(outcome.output.find("ranks 1, 4 are silent"), std::string::npos) << outcome.output;
}

TEST(Lives, EndWithWhoWaitedForWhom) {
  const auto outcome = test::shell(std::string(DESCENT_PROGRAM) + " run --quiet --out /tmp/none " + kWorkers +
                                       faults("<crash hosts=\"node-4\" at=\"1s\"/>") + "--set //recovery/@give-up=5s",
                                   true);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.output.find("rank 4 died with its host node-4, which went off at 1 s"), std::string::npos);
  EXPECT_NE(outcome.output.find("rank 0 on node-0 gave up: no answer of server 4 since 1.0"), std::string::npos)
      << outcome.output;
}

}  // namespace
}  // namespace descent
