// What scenarios/README.md says of each scenario. A test has the name of its file: d-sgd.xml is DSgd
// (scenario_coverage_test.cpp sees to it that none is missing).
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace descent {
namespace {

using nlohmann::json;

test::Results results_of(const std::string& scenario, const std::string& words = "") {
  return test::results_of(test::source_path("scenarios/" + scenario + ".xml") + " " + words);
}

json run(const std::string& scenario, const std::string& words = "") {
  return results_of(scenario, words).summary;
}

double number(const json& summary, const std::string& key) {
  return summary[key].get<double>();
}

double iteration_seconds(const json& summary) {
  return summary["iteration_time_s"]["mean"];
}

const std::string kBsp = "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"bsp\"/>' ";
const std::string kAsp = "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"asp\"/>' ";
const std::string kIid = "--set '//partition=<partition kind=\"iid\"/>' ";
std::string collective(const std::string& name) {
  return "--set //collective/@kind=" + name;
}

TEST(Scenario, Quickstart) {
  const json summary = run("quickstart");
  EXPECT_GE(number(summary, "test_accuracy"), 0.86);
  EXPECT_GT(summary["utilization"]["idle"].get<double>(), 0.2);
}

TEST(Scenario, Softmax) {
  EXPECT_GE(number(run("softmax"), "test_accuracy"), 0.83);
}

TEST(Scenario, GradientDescent) {
  const test::Results results = results_of("gradient-descent");
  EXPECT_LE(number(results.summary, "loss"), 1e-12);
  const auto& loss = results.metrics.at("loss");
  const auto& iteration = results.metrics.at("iteration");
  ASSERT_GT(loss.size(), 10U);
  for (std::size_t i = 1; i < loss.size(); ++i) {
    EXPECT_LE(loss[i], loss[0] * std::pow(99.0 / 101, 2 * iteration[i]) * (1 + 1e-9)) << iteration[i];
  }
}

TEST(Scenario, Nesterov) {
  const json fast = run("nesterov");
  const json plain = run("gradient-descent");
  EXPECT_LE(number(fast, "loss"), 1e-12);
  EXPECT_LT(number(fast, "iterations"), number(plain, "iterations") / 4);
  EXPECT_LT(number(fast, "time_to_target_s"), number(plain, "time_to_target_s") / 3);
}

TEST(Scenario, Sgd) {
  // The prices have noise of variance 0.0625, half of which is the loss that remains.
  const json summary = run("sgd");
  EXPECT_NEAR(number(summary, "loss"), 0.0625 / 2, 0.2 * 0.0625 / 2);
  EXPECT_TRUE(run("sgd", "--set //data/@standardize=false")["loss"].is_null());
}

TEST(Scenario, Adagrad) {
  const double adagrad = number(run("adagrad"), "loss");
  const auto sgd = [](const std::string& rate) {
    return number(run("adagrad", "--set '//optimizer=<optimizer kind=\"sgd\" learning-rate=\"" + rate + "\"/>'"),
                  "loss");
  };
  // The largest eigenvalue is about 33,000: above 6e-5 sgd diverges.
  const double best = std::min({sgd("1e-5"), sgd("2e-5"), sgd("4e-5")});
  EXPECT_LT(adagrad, best / 2);
}

TEST(Scenario, Svm) {
  const double loss = number(run("svm"), "loss");
  const double longer = number(run("svm", "--set //stop/@iterations=20000 --set //observe/@every=10000"), "loss");
  EXPECT_LT(loss, 1.005 * longer);
  EXPECT_GT(number(run("svm", "--set //schedule/@kind=constant"), "loss"), 1.01 * longer);
}

/// In the long run E[F] = η σ² / (2 P B) Σ 1 / (2 − η λ): each eigendirection balances noise and contraction.
double settled_loss(double workers) {
  constexpr double kRate = 0.5;
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    sum += 1 / (2 - kRate * std::pow(10.0, -i / 999.0));
  }
  return kRate * 0.1 * 0.1 / (2 * workers * 4) * sum;
}

TEST(Scenario, DSgd) {
  const auto settled = [](const std::string& words) {
    const std::vector<double> loss = results_of("d-sgd", words).metrics.at("loss");
    constexpr std::ptrdiff_t kLast = 30;  // of 40 observations
    return std::accumulate(loss.end() - kLast, loss.end(), 0.0) / kLast;
  };
  const double eight = settled("");
  const double one = settled("--set \"//role[@name='worker']/@hosts=node-0\"");
  EXPECT_NEAR(eight, settled_loss(8), 0.05 * settled_loss(8));
  EXPECT_NEAR(one, settled_loss(1), 0.05 * settled_loss(1));
  EXPECT_NEAR(one / eight, 8, 0.5);
}

TEST(Scenario, Stragglers) {
  // A mini-batch takes 20 ms on average; the largest of 8 exponential times is 1 + 1/2 + … + 1/8 = 2.718 means.
  const json bsp = run("stragglers");
  EXPECT_NEAR(iteration_seconds(bsp), 2.718 * 0.02, 0.03 * 2.718 * 0.02);
  const json asp = run("stragglers",
                       "--set //strategy/@consistency=asp --set //stop/@iterations=8000 "
                       "--set //observe/@every=8000 --set //optimizer/@learning-rate=0.0125");
  EXPECT_EQ(asp["samples"], bsp["samples"]);
  EXPECT_NEAR(number(bsp, "time_s") / number(asp, "time_s"), 2.7, 0.1);
  EXPECT_NEAR(number(asp, "loss"), number(bsp, "loss"), 0.01 * number(bsp, "loss"));
}

TEST(Scenario, TwoGenerations) {
  const json asp = run("two-generations");
  // bsp takes the mean of 15 gradients, and the learning rate 15 times as large that goes with it.
  const json bsp = run("two-generations", kBsp + "--set //optimizer/@learning-rate=0.3 --set //observe/@every=2");
  EXPECT_GE(number(asp, "test_accuracy"), 0.8);
  EXPECT_GE(number(bsp, "test_accuracy"), 0.8);
  EXPECT_LT(number(asp, "time_to_target_s"), number(bsp, "time_to_target_s") * 2 / 3);
}

TEST(Scenario, Balanced) {
  const json divided = run("balanced");
  const json equal = run("balanced", "--set //balance/@kind=none");
  EXPECT_LT(number(divided, "time_s"), number(equal, "time_s") * 2 / 3);
  EXPECT_EQ(divided["samples"], equal["samples"]);
  EXPECT_LE(number(divided, "loss"), number(equal, "loss") * 1.01);
}

TEST(Scenario, AdaptiveBalance) {
  const json measured = run("adaptive-balance");
  const json modelled = run("adaptive-balance", "--set '//balance=<balance kind=\"static\"/>'");
  EXPECT_LT(number(measured, "time_s"), number(modelled, "time_s") / 2);
  EXPECT_EQ(measured["samples"], modelled["samples"]);
  EXPECT_NEAR(number(measured, "loss"), number(modelled, "loss"), 0.02 * number(modelled, "loss"));
}

TEST(Scenario, MovedShards) {
  const json moved = run("moved-shards");
  const json still = run("moved-shards", "--set //balance/@kind=none");
  EXPECT_LT(number(moved, "time_s"), number(still, "time_s") / 2);
  EXPECT_NEAR(number(moved, "loss"), number(still, "loss"), 1e-12);
  EXPECT_GT(number(moved, "bytes_sent"), number(still, "bytes_sent"));
}

TEST(Scenario, StaleSynchronous) {
  const json ssp = run("stale-synchronous");
  const json asp = run("stale-synchronous", kAsp);
  // 400 updates by one gradient each are 100 rounds of four.
  const json bsp = run("stale-synchronous", kBsp + "--set //stop/@iterations=100");
  const int allowed = 3 * (2 * 3 + 1);
  EXPECT_LE(ssp["staleness"]["max"], allowed);
  EXPECT_GT(asp["staleness"]["max"], allowed);
  EXPECT_EQ(ssp["samples"], bsp["samples"]);
  EXPECT_LT(number(ssp, "time_s"), number(bsp, "time_s"));
  EXPECT_GT(number(ssp, "time_s"), 0.95 * number(bsp, "time_s"));
  EXPECT_LT(number(asp, "time_s"), number(ssp, "time_s") / 5);
}

/// The K-th of eight exponential times of mean 20 ms.
double kth_of_eight(int k) {
  double sum = 0;
  for (int i = 8 - k + 1; i <= 8; ++i) {
    sum += 0.02 / i;
  }
  return sum;
}

TEST(Scenario, KSync) {
  const json first = run("k-sync");
  const json all = run("k-sync", kBsp);
  EXPECT_NEAR(iteration_seconds(first), kth_of_eight(6), 0.04 * kth_of_eight(6));
  EXPECT_NEAR(iteration_seconds(all), kth_of_eight(8), 0.04 * kth_of_eight(8));
  EXPECT_NEAR(number(first, "loss"), number(all, "loss"), 0.01 * number(all, "loss"));
  EXPECT_EQ(first["gradients_wasted"], 2000);
}

TEST(Scenario, KBatchSync) {
  const json batches = run("k-batch-sync");
  const json workers = run("k-batch-sync", kBsp);
  EXPECT_EQ(batches["samples"], workers["samples"]);
  EXPECT_NEAR(iteration_seconds(batches), 0.02, 0.04 * 0.02);
  EXPECT_NEAR(number(workers, "time_s") / number(batches, "time_s"), 2.7, 0.1);
}

TEST(Scenario, KAsync) {
  const json async = run("k-async");
  const json sync = run("k-async", "--set //strategy/@consistency=k-sync");
  EXPECT_NEAR(iteration_seconds(async), kth_of_eight(4), 0.04 * kth_of_eight(4));
  EXPECT_NEAR(iteration_seconds(sync), kth_of_eight(4), 0.04 * kth_of_eight(4));
  EXPECT_EQ(async["gradients_wasted"], 0);
  EXPECT_EQ(sync["gradients_wasted"], 4000);
}

TEST(Scenario, KBatchAsync) {
  const json summary = run("k-batch-async");
  EXPECT_NEAR(iteration_seconds(summary), 0.01, 0.04 * 0.01);
  EXPECT_NEAR(summary["staleness"]["mean"].get<double>(), 7.0 / 4, 0.05);
  const json sync = run("k-batch-async",
                        "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"k-sync\" "
                        "k=\"4\"/>'");
  EXPECT_NEAR(number(summary, "loss"), number(sync, "loss"), 0.01 * number(sync, "loss"));
}

TEST(Scenario, BackupWorkers) {
  const double backup = iteration_seconds(run("backup-workers"));
  const std::string k_sync = "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"k-sync\" k=\"6\"/>'";
  EXPECT_LT(backup, 0.65 * iteration_seconds(run("backup-workers", kBsp)));
  EXPECT_GT(backup, 1.1 * iteration_seconds(run("backup-workers", k_sync)));
}

const std::string kKSync = "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"k-sync\" k=\"6\"/>' ";
const std::string kBackup =
    "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"backup\" backups=\"2\"/>' ";
/// Of a mini-batch, where its slowdown has the mean 1.
constexpr double kStep = 0.02;

TEST(Scenario, HeavyTails) {
  // The k-th of n draws: scale Γ(n + 1) Γ(n − k + 1 − 1/shape) / (Γ(n − k + 1) Γ(n + 1 − 1/shape)).
  const double first = iteration_seconds(run("heavy-tails"));
  const double all = iteration_seconds(run("heavy-tails", kBsp));
  EXPECT_NEAR(first, 1.0001 * kStep, 0.03 * kStep);
  EXPECT_NEAR(all, 2.0836 * kStep, 0.1 * 2.0836 * kStep);
  EXPECT_GT(all / first, 1.95);
}

TEST(Scenario, LightTails) {
  // 0.9 + 0.1 times the k-th of eight exponential times.
  EXPECT_NEAR(iteration_seconds(run("light-tails")), (0.9 + 0.1 * 2.718) * kStep, 0.01 * kStep);
  EXPECT_NEAR(iteration_seconds(run("light-tails", kKSync)), (0.9 + 0.1 * 1.218) * kStep, 0.01 * kStep);
}

TEST(Scenario, Bimodal) {
  // One of eight is slow in 1 − 0.99⁸ of the rounds; three of them are in next to none.
  EXPECT_NEAR(iteration_seconds(run("bimodal", kBsp)), (1 + 9 * (1 - std::pow(0.99, 8))) * kStep, 0.1 * kStep);
  const double backup = iteration_seconds(run("bimodal"));
  EXPECT_GT(backup, kStep);
  EXPECT_LT(backup, 1.1 * kStep);
}

TEST(Scenario, Trace) {
  // One worker and no message: after as many steps as the file has it has taken all of them, wherever it began.
  std::ifstream file(test::source_path("scenarios/data/step-times.csv"));
  std::string header;
  std::getline(file, header);
  const std::vector<double> steps{std::istream_iterator<double>(file), std::istream_iterator<double>()};
  ASSERT_EQ(steps.size(), 400U);
  const double all = std::accumulate(steps.begin(), steps.end(), 0.0);
  const json alone = run("trace",
                         "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-1\"/></deployment>' "
                         "--set '//strategy=<strategy kind=\"sgd\"/>' --set //stop/@iterations=400");
  EXPECT_NEAR(number(alone, "time_s"), all, 0.001 * all);
  const double mean = all / 400;
  EXPECT_GT(iteration_seconds(run("trace")), 3.5 * mean);
  EXPECT_LT(iteration_seconds(run("trace", kKSync)), mean);
}

TEST(Scenario, Rack) {
  const json bsp = run("rack", kBsp);
  EXPECT_NEAR(iteration_seconds(run("rack")), iteration_seconds(bsp), 1e-9);
  EXPECT_NEAR(iteration_seconds(run("rack", kBackup)), iteration_seconds(bsp), 1e-9);
  const std::string apart = "--set //slowdown/@shared=no ";
  EXPECT_GT(iteration_seconds(run("rack", apart + kBsp)), 2.5 * iteration_seconds(run("rack", apart)));
}

/// Updates from the fifth to the tenth second, as a share of those of the five seconds after them.
double share_in_slow_period(const test::Results& results) {
  const auto& time = results.metrics.at("time_s");
  const auto updates_at = [&](double moment) {
    const auto next = std::lower_bound(time.begin(), time.end(), moment);
    return results.metrics.at("iteration").at(static_cast<std::size_t>(next - time.begin()));
  };
  return (updates_at(10) - updates_at(5)) / (updates_at(15) - updates_at(10));
}

TEST(Scenario, SlowPeriod) {
  // A step of the slow host takes ten times as long, and a round of bsp with it: little chance, of sigma 0.1.
  EXPECT_NEAR(share_in_slow_period(results_of("slow-period")), 1 / 8.0, 0.02);
  EXPECT_NEAR(share_in_slow_period(results_of("slow-period", kAsp)), (7 + 0.1) / 8, 0.02);
}

TEST(Scenario, LinkChange) {
  const std::vector<double> times = results_of("link-change").metrics.at("time_s");
  const auto updates_from = [&](double second) {
    return std::count_if(times.begin() + 1, times.end(),
                         [&](double time) { return time >= second && time < second + 1; });
  };
  // A gradient of 10 ms, and 30 rounds of a latency and a sixteenth of 10 MB at 1.25 GB/s or a tenth of it.
  const auto update = [](double factor) { return 0.01 + 30 * (25e-6 + 625e3 / (factor * 1.25e9)); };
  EXPECT_NEAR(static_cast<double>(updates_from(0)), 1 / update(1), 1);
  EXPECT_NEAR(static_cast<double>(updates_from(1)), 1 / update(0.1), 1);
  EXPECT_NEAR(static_cast<double>(updates_from(2)), 1 / update(1), 1);
}

TEST(Scenario, Jitter) {
  // Four rounds of a message each, of two latencies of 12.5 us and 400 bytes at 1.25 GB/s.
  const double plain = 4 * (25e-6 + 400 / 1.25e9);
  EXPECT_NEAR(iteration_seconds(run("jitter", "--set '//disturbances=<disturbances/>'")), plain, 1e-3 * plain);
  const double late = iteration_seconds(run("jitter"));
  EXPECT_NEAR(late / plain, 11, 0.5);
  // If each round took the mean, it would be less than half of that.
  EXPECT_GT(late, 2 * (plain + 4 * 100e-6));
}

TEST(Scenario, StaleGradients) {
  const auto loss_with = [](const std::string& correction) {
    return number(run("stale-gradients", "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"asp\" " +
                                             correction + "/>'"),
                  "loss");
  };
  const double plain = loss_with("");
  EXPECT_NEAR(plain, 0.73, 0.01);
  EXPECT_NEAR(number(run("stale-gradients"), "loss"), 0.58, 0.01);
  EXPECT_NEAR(loss_with("max-staleness=\"6\""), 0.61, 0.01);
  EXPECT_LT(loss_with("delay-compensation=\"1\""), plain);
}

TEST(Scenario, GradientCoding) {
  const json coded = run("gradient-coding");
  const json bsp = run("gradient-coding", kBsp);
  EXPECT_NEAR(number(bsp, "time_s") / number(coded, "time_s"), 5, 0.1);
  EXPECT_NEAR(number(coded, "loss"), number(bsp, "loss"), 1e-6);
}

TEST(Scenario, LocalSgd) {
  EXPECT_GT(number(run("local-sgd", "--set //strategy/@period=1"), "time_to_target_s"),
            8 * number(run("local-sgd"), "time_to_target_s"));
}

TEST(Scenario, Diloco) {
  const std::string allreduce =
      "--set '//strategy=<strategy kind=\"allreduce\"><collective kind=\"tree\"/></strategy>'";
  EXPECT_GT(number(run("diloco", allreduce), "time_to_target_s"), 9 * number(run("diloco"), "time_to_target_s"));
}

TEST(Scenario, Overlap) {
  const json overlapped = run("overlap");
  const json after =
      run("overlap", "--set '//strategy=<strategy kind=\"allreduce\"><collective kind=\"ring\"/></strategy>'");
  EXPECT_LT(iteration_seconds(overlapped), 0.76 * iteration_seconds(after));
  EXPECT_NEAR(number(overlapped, "loss"), number(after, "loss"), 1e-6);
}

TEST(Scenario, Checkpoints) {
  const auto every = [](int updates) {
    return number(
        run("checkpoints", "--set '//recovery=<recovery checkpoint-every=\"" + std::to_string(updates) + "\"/>'"),
        "time_s");
  };
  double best = every(10);
  for (const int updates : {20, 30, 40, 60, 80}) {
    best = std::min(best, every(updates));
  }
  EXPECT_LT(number(run("checkpoints"), "time_s"), 1.05 * best);
  EXPECT_GT(every(2), 1.6 * best);
}

const std::string kNoFailures = "--set '//disturbances=<disturbances/>'";

TEST(Scenario, LostWorkers) {
  const json failing = run("lost-workers");
  const json healthy = run("lost-workers", kNoFailures);
  constexpr double kTimeout = 0.3;
  const double each = (number(failing, "time_s") - number(healthy, "time_s")) / number(failing, "deaths");
  EXPECT_GT(failing["deaths"], 5);
  EXPECT_GT(each, kTimeout / 2);
  EXPECT_LT(each, kTimeout);
  EXPECT_NEAR(number(failing, "loss") / number(healthy, "loss"), 1, 1e-3);
}

TEST(Scenario, ElasticAllreduce) {
  const json failing = run("elastic-allreduce");
  const json healthy = run("elastic-allreduce", kNoFailures);
  constexpr double kTimeout = 0.3;
  const double each = (number(failing, "time_s") - number(healthy, "time_s")) / number(failing, "deaths");
  EXPECT_GT(failing["deaths"], 5);
  EXPECT_GT(each, 1.5 * kTimeout);
  EXPECT_LT(each, 3 * kTimeout);
  EXPECT_NEAR(number(failing, "loss") / number(healthy, "loss"), 1, 1e-2);
}

TEST(Scenario, RestartedServer) {
  const json failing = run("restarted-server");
  const json healthy = run("restarted-server", kNoFailures);
  EXPECT_EQ(failing["deaths"], 2);
  EXPECT_EQ(failing["parameters_digest"], healthy["parameters_digest"]);
  EXPECT_NEAR(number(failing, "time_s") - number(healthy, "time_s"), number(failing, "downtime_s"), 0.5);
}

TEST(Scenario, LostNeighbours) {
  const json failing = run("lost-neighbours");
  const json healthy = run("lost-neighbours", kNoFailures);
  EXPECT_NEAR(number(failing, "downtime_s") / 16 / number(failing, "time_s"), 1.0 / 6, 0.02);
  EXPECT_GT(failing["per_rank"][0].value("deaths", 0), 0);
  EXPECT_EQ(failing["iterations"], healthy["iterations"]);
  EXPECT_NEAR(number(failing, "time_s") / number(healthy, "time_s"), 1.03, 0.01);
  EXPECT_NEAR(number(failing, "loss") / number(healthy, "loss"), 1, 1e-3);
}

TEST(Scenario, ComingAndGoing) {
  const json failing = run("coming-and-going");
  const json healthy = run("coming-and-going", kNoFailures);
  // All are there at the beginning.
  EXPECT_NEAR(number(failing, "downtime_s") / 20 / number(failing, "time_s"), 0.45, 0.1);
  EXPECT_NEAR(number(failing, "time_s") / number(healthy, "time_s"), 8.0 / 7, 0.03);
  EXPECT_NEAR(number(failing, "loss") / number(healthy, "loss"), 1, 1e-2);
}

TEST(Scenario, NetworkPartition) {
  const test::Results cut = results_of("network-partition");
  const json whole = run("network-partition", kNoFailures);
  const auto& samples = cut.metrics.at("samples");
  const auto& times = cut.metrics.at("time_s");
  constexpr double kTimeout = 0.3;
  int with_five = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const bool five = samples[i] - samples[i - 1] == 100;
    with_five += five ? 1 : 0;
    EXPECT_TRUE(five || samples[i] - samples[i - 1] == 160) << i;
    EXPECT_TRUE(!five || (times[i] > 10 && times[i] < 15 + kTimeout)) << times[i];
  }
  // A round takes 0.1 s, the first without them a timeout; they ask again every half of one.
  EXPECT_GE(with_five, 1 + static_cast<int>((5 - kTimeout - 0.1) / 0.11));
  EXPECT_LT(number(cut.summary, "time_s") - number(whole, "time_s"), kTimeout);
  EXPECT_GT(number(cut.summary, "time_s") - number(whole, "time_s"), kTimeout / 2);
  EXPECT_NEAR(number(cut.summary, "loss") / number(whole, "loss"), 1, 1e-3);
  const json outage = run("network-partition",
                          "--set '//disturbances=<disturbances><link-outage links=\"ethernet-10g_link_[5-7]_*\" "
                          "start=\"10s\" end=\"15s\"/></disturbances>'");
  EXPECT_EQ(outage["samples"], cut.summary["samples"]);
  EXPECT_EQ(outage["parameters_digest"], cut.summary["parameters_digest"]);
}

TEST(Scenario, MessageLoss) {
  const std::string asp = "--set //strategy/@consistency=asp --set //stop/@iterations=4000 ";
  const double bsp_ratio = number(run("message-loss"), "time_s") / number(run("message-loss", kNoFailures), "time_s");
  const double asp_ratio =
      number(run("message-loss", asp), "time_s") / number(run("message-loss", asp + kNoFailures), "time_s");
  // Steps of 0.1 s; half a second for a round that loses any of its 16 messages, or for a worker that loses one of two.
  const double waits = 0.5 / 0.1;
  EXPECT_NEAR(bsp_ratio, 1 + waits * (1 - std::pow(0.99, 16)), 0.1);
  EXPECT_NEAR(asp_ratio, 1 + waits * (1 - std::pow(0.99, 2)), 0.03);
}

TEST(Scenario, Federated) {
  const json scaffold = run("federated");
  const json fedavg = run("federated", "--set //strategy/@control-variates=false");
  EXPECT_GT(number(fedavg, "loss"), 7.0 / 6 * number(scaffold, "loss"));
}

TEST(Scenario, Admm) {
  const auto until = [](const std::string& words) {
    const auto metrics = test::results_of(test::source_path("scenarios/admm.xml") + " " + words).metrics;
    const auto& residual = metrics.at("kkt_residual");
    const auto solved = std::find_if(residual.begin(), residual.end(), [](double r) { return r < 1e-6; });
    EXPECT_NE(solved, residual.end()) << words;
    return metrics.at("time_s")[static_cast<std::size_t>(solved - residual.begin())];
  };
  const double gradients = until(
      "--set '//strategy=<strategy kind=\"allreduce\"><collective kind=\"tree\"/></strategy>' --set "
      "//stop/@iterations=200");
  EXPECT_GT(gradients, 2.5 * until(""));
}

TEST(Scenario, ChocoSgd) {
  const std::string target = "--set //stop/@target-loss=1.2";
  const json choco = run("choco-sgd", target);
  const json d_psgd =
      run("choco-sgd", "--set '//strategy=<strategy kind=\"gossip\" algorithm=\"d-psgd\" graph=\"ring\"/>' " + target);
  EXPECT_LT(number(choco, "time_to_target_s"), 0.25 * number(d_psgd, "time_to_target_s"));
  EXPECT_LT(number(choco, "bytes_sent"), number(d_psgd, "bytes_sent") / 7);
}

TEST(Scenario, Sharded) {
  const json sharded = run("sharded");
  const json replicas =
      run("sharded", "--set '//strategy=<strategy kind=\"allreduce\"><collective kind=\"ring\"/></strategy>'");
  EXPECT_EQ(sharded["parameters_digest"], replicas["parameters_digest"]);
  EXPECT_EQ(sharded["bytes_sent"], replicas["bytes_sent"]);
  EXPECT_LT(iteration_seconds(sharded), iteration_seconds(replicas));
}

/// A scenario with compression against the same without: bytes sent and loss, as parts of what they are without.
struct Saving {
  double bytes;
  double loss;
};

Saving saving_of(const std::string& scenario,
                 const std::string& plain = "kind=\"allreduce\"><collective kind=\"ring\"/>") {
  const json compressed = run(scenario);
  const json whole = run(scenario, "--set '//strategy=<strategy " + plain + "</strategy>'");
  return {number(compressed, "bytes_sent") / number(whole, "bytes_sent"),
          number(compressed, "loss") / number(whole, "loss")};
}

void expect_half_precision(const std::string& scenario) {
  const Saving saving = saving_of(scenario, "kind=\"d-sgd\">");
  EXPECT_NEAR(saving.bytes, 0.75, 0.01);
  EXPECT_NEAR(saving.loss, 1, 1e-3);
}

TEST(Scenario, Fp16) {
  expect_half_precision("fp16");
}

TEST(Scenario, Bf16) {
  expect_half_precision("bf16");
}

TEST(Scenario, Qsgd) {
  const Saving saving = saving_of("qsgd");
  EXPECT_NEAR(saving.bytes, 0.63, 0.01);
  EXPECT_NEAR(saving.loss, 1, 0.01);
}

TEST(Scenario, Terngrad) {
  const Saving saving = saving_of("terngrad");
  EXPECT_NEAR(saving.bytes, 0.25, 0.01);
  EXPECT_NEAR(saving.loss, 1, 0.01);
}

TEST(Scenario, Sign) {
  const Saving saving = saving_of("sign");
  EXPECT_NEAR(saving.bytes, 1.0 / 8, 0.005);
  EXPECT_LT(saving.loss, 1.03);
}

TEST(Scenario, OneBit) {
  const Saving saving = saving_of("one-bit");
  EXPECT_NEAR(saving.bytes, 1.0 / 8, 0.005);
  EXPECT_LT(saving.loss, 1.03);
}

TEST(Scenario, TopK) {
  const Saving saving = saving_of("top-k");
  EXPECT_NEAR(saving.bytes, 1.0 / 12, 0.01);
  EXPECT_LT(saving.loss, 1.1);
}

TEST(Scenario, RandomK) {
  const Saving saving = saving_of("random-k");
  EXPECT_NEAR(saving.bytes, 1.0 / 10, 0.005);
  EXPECT_LT(saving.loss, 1.1);
}

TEST(Scenario, Powersgd) {
  const Saving saving = saving_of("powersgd");
  EXPECT_NEAR(saving.bytes, 1.0 / 10, 0.005);
  EXPECT_LT(saving.loss, 1.03);
}

TEST(Scenario, WholeTensors) {
  const json encoded = run("whole-tensors");
  const json plain =
      run("whole-tensors",
          "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"bsp\" shards=\"whole-tensors\"/>'");
  EXPECT_LT(number(encoded, "bytes_sent"), number(plain, "bytes_sent") * 3 / 5);
  const std::string file = test::source_path("scenarios/whole-tensors.xml");
  EXPECT_EQ(test::shell(std::string(DESCENT_PROGRAM) + " check " + file + " --set //strategy/@shards=equal").exit_code,
            2);
}

TEST(Scenario, Dgc) {
  EXPECT_LT(number(run("dgc"), "loss"),
            number(run("dgc",
                       "--set '//strategy=<strategy kind=\"allreduce\"><collective kind=\"ring\"/></strategy>' --set "
                       "//optimizer/@learning-rate=0.1"),
                   "loss"));
}

TEST(Scenario, FederatedBuffer) {
  const json buffer = run("federated-buffer");
  const json rounds = run("federated-buffer",
                          "--set '//strategy=<strategy kind=\"federated\" local-steps=\"40\" "
                          "fraction=\"0.5\"/>' --set //stop/@iterations=50");
  EXPECT_EQ(buffer["samples"], rounds["samples"]);
  EXPECT_LT(number(buffer, "time_s"), number(rounds, "time_s") / 2);
  EXPECT_NEAR(number(buffer, "loss"), number(rounds, "loss"), 0.01 * number(rounds, "loss"));
}

TEST(Scenario, ElasticAveraging) {
  const json asynchronous = run("elastic-averaging");
  const json synchronous = run("elastic-averaging", "--set //strategy/@mode=synchronous --set //stop/@iterations=125");
  EXPECT_EQ(asynchronous["samples"], synchronous["samples"]);
  EXPECT_LT(number(asynchronous, "time_s"), number(synchronous, "time_s") / 3);
  EXPECT_NEAR(number(asynchronous, "loss"), number(synchronous, "loss"), 0.01 * number(synchronous, "loss"));
}

TEST(Scenario, Gossip) {
  const json ring = run("gossip");
  const json complete = run("gossip", "--set //strategy/@graph=complete");
  EXPECT_LT(iteration_seconds(ring), 0.26 * iteration_seconds(complete));
  EXPECT_NEAR(number(ring, "loss"), number(complete, "loss"), 1e-3 * number(complete, "loss"));
  EXPECT_GT(number(ring, "consensus_distance"), number(complete, "consensus_distance"));
}

TEST(Scenario, GossipAsync) {
  const json pairs = run("gossip-async");
  const json rounds = run("gossip-async", "--set //strategy/@algorithm=d-psgd");
  EXPECT_GT(number(pairs, "samples"), 7 * number(rounds, "samples"));
  EXPECT_LT(number(pairs, "loss"), number(rounds, "loss"));
}

TEST(Scenario, LabelShards) {
  const json uneven = run("label-shards");
  const json even = run("label-shards", kIid);
  EXPECT_EQ(uneven["time_s"], even["time_s"]);
  EXPECT_GT(number(uneven, "loss"), 4.0 / 3 * number(even, "loss"));
  EXPECT_LT(number(uneven, "test_accuracy"), number(even, "test_accuracy"));
}

TEST(Scenario, Dirichlet) {
  const json uneven = run("dirichlet");
  EXPECT_GT(number(uneven, "test_accuracy"), 0.84);
  EXPECT_NEAR(number(uneven, "test_accuracy"), number(run("dirichlet", kIid), "test_accuracy"), 0.015);
  EXPECT_LT(number(uneven, "loss"), 0.9 * number(run("dirichlet", "--set //schedule/@warmup=0"), "loss"));
}

TEST(Scenario, Rmsprop) {
  // 32 + 3744 · 1/k³ / 1.1952 samples for worker k = 1 … 8.
  const json uneven = run("rmsprop");
  const json even = run("rmsprop", kIid);
  EXPECT_GT(number(uneven, "loss"), 1.2 * number(even, "loss"));
  EXPECT_EQ(uneven["time_s"], even["time_s"]);
}

TEST(Scenario, Adamw) {
  const json decays = run("adamw");
  const json adam = run("adamw", "--set '//optimizer=<optimizer kind=\"adam\" learning-rate=\"0.003\"/>'");
  EXPECT_GT(number(decays, "loss"), 1.5 * number(adam, "loss"));
  EXPECT_LT(number(decays, "test_loss"), 0.9 * number(adam, "test_loss"));
}

TEST(Scenario, Lars) {
  const double lars = number(run("lars"), "loss");
  for (const std::string rate : {"0.01", "0.03", "0.05"}) {
    const json momentum =
        run("lars", "--set '//optimizer=<optimizer kind=\"momentum\" learning-rate=\"" + rate + "\"/>'");
    EXPECT_LT(lars, 0.9 * number(momentum, "loss")) << rate;
  }
}

TEST(Scenario, Lamb) {
  const double sixteen = number(run("lamb"), "loss");
  const double four = number(run("lamb",
                                 "--set //role/@hosts=node-[0-3] --set //schedule/@steps=600 --set "
                                 "//schedule/@warmup=40 --set //observe/@every=160"),
                             "loss");
  EXPECT_NEAR(sixteen / four, 1, 0.1);
  EXPECT_GT(number(run("lamb", "--set //schedule/@scale=none"), "loss"), 4.0 / 3 * sixteen);
}

/// Columns of a constrained run that begins and stays in its set.
test::Results constrained(const std::string& scenario, double rounding) {
  test::Results results = results_of(scenario);
  for (const double violation : results.metrics.at("constraint_violation")) {
    EXPECT_LE(violation, rounding) << scenario;
  }
  return results;
}

TEST(Scenario, Box) {
  const test::Results results = constrained("box", 0);
  // F is half the squared distance of x* to the box, and what is found must have no residual.
  EXPECT_LT(number(results.summary, "kkt_residual"), 1e-12);
  EXPECT_LT(number(results.summary, "duality_gap"), 1e-12);
  EXPECT_EQ(results.summary["constraint_violation"], 0);
}

TEST(Scenario, Simplex) {
  const test::Results results = constrained("simplex", 1e-15);
  const auto& residual = results.metrics.at("kkt_residual");
  EXPECT_LT(residual.back(), residual.front() / 30);
  EXPECT_FALSE(results.summary.contains("duality_gap"));
}

TEST(Scenario, Pegasos) {
  const test::Results results = constrained("pegasos", 1e-5);
  EXPECT_LT(number(results.summary, "loss"), 1.01 * number(run("svm"), "loss"));
}

TEST(Scenario, Lasso) {
  const test::Results results = constrained("lasso", 0);
  EXPECT_LT(number(results.summary, "kkt_residual"), 1e-12);
  const json plain = run("lasso", "--set //regularizer/@lambda=1e-9");
  EXPECT_GT(number(plain, "test_loss"), 2 * number(results.summary, "test_loss"));
}

TEST(Scenario, NonNegative) {
  const test::Results results = constrained("non-negative", 0);
  const auto& residual = results.metrics.at("kkt_residual");
  EXPECT_LT(residual.back(), residual.front() / 100);
}

TEST(Scenario, FrankWolfe) {
  const test::Results results = constrained("frank-wolfe", 1e-14);
  const double least =
      number(run("frank-wolfe", "--set '//optimizer=<optimizer kind=\"sgd\" learning-rate=\"0.1\"/>'"), "loss");
  const auto& loss = results.metrics.at("loss");
  const auto& gap = results.metrics.at("duality_gap");
  for (std::size_t i = 0; i < loss.size(); ++i) {
    EXPECT_GE(gap[i], loss[i] - least - 1e-6) << i;
  }
  // At a tenth of the steps it is ten times as large, give or take what one step makes of it.
  EXPECT_NEAR(gap[3] / gap[30], 10, 5);
}

TEST(Scenario, FatTreeRing) {
  const json summary = run("fat-tree-ring");
  EXPECT_GE(number(summary, "test_accuracy"), 0.9);
  const double ring = iteration_seconds(summary);
  EXPECT_GT(iteration_seconds(run("fat-tree-ring", collective("recursive-doubling"))), 3 * ring);
  EXPECT_GT(iteration_seconds(run("fat-tree-ring", collective("tree"))), 4 * ring);
  EXPECT_GT(iteration_seconds(run("fat-tree-ring", collective("coordinator"))), 15 * ring);
  EXPECT_EQ(iteration_seconds(run("fat-tree-ring", collective("native"))), ring);
}

TEST(Scenario, FatTreeSmall) {
  const json summary = run("fat-tree-small");
  EXPECT_LT(number(summary, "loss"), 0.005);
  EXPECT_GT(iteration_seconds(run("fat-tree-small", collective("ring"))), 9 * iteration_seconds(summary));
}

TEST(Scenario, FatTreeMedium) {
  const double halving = iteration_seconds(run("fat-tree-medium"));
  EXPECT_GT(iteration_seconds(run("fat-tree-medium", collective("ring"))), 1.25 * halving);
  EXPECT_GT(iteration_seconds(run("fat-tree-medium", collective("recursive-doubling"))), 1.25 * halving);
}

TEST(Scenario, AllAtOnce) {
  EXPECT_GT(iteration_seconds(run("fat-tree-medium")), 1.6 * iteration_seconds(run("all-at-once")));
}

TEST(Scenario, TwoLevel) {
  const json summary = run("two-level");
  EXPECT_GE(number(summary, "test_accuracy"), 0.9);
  EXPECT_GT(iteration_seconds(run("two-level", collective("ring"))), 4 * iteration_seconds(summary));
}

TEST(Scenario, Torus) {
  const double torus = iteration_seconds(run("torus"));
  const std::string ring = "--set '//collective=<collective kind=\"ring\"/>'";
  EXPECT_LT(torus, 0.8 * iteration_seconds(run("torus", ring)));
}

TEST(Scenario, ThousandHosts) {
  const double trees = iteration_seconds(run("thousand-hosts"));
  EXPECT_GT(iteration_seconds(run("thousand-hosts", collective("ring"))), 2.5 * trees);
  EXPECT_GT(iteration_seconds(run("thousand-hosts", collective("tree"))), 6 * trees);
}

TEST(Scenario, TwoSites) {
  const json summary = run("two-sites");
  // Half of the targets' noise.
  EXPECT_NEAR(number(summary, "loss"), 0.02, 0.002);
  EXPECT_GT(iteration_seconds(summary), 0.04);
  EXPECT_GT(iteration_seconds(run("two-sites", collective("ring"))), 9 * iteration_seconds(summary));
}

TEST(Scenario, ThreeHosts) {
  // 10 Mflop and 4 flop of momentum for each of 1000 parameters at 1 Gflop/s; then 2 · (200 us + two vectors of 10 ms).
  const double centre = iteration_seconds(run("three-hosts"));
  EXPECT_NEAR(centre, 10e-3 + 4e-6 + 2 * (200e-6 + 20e-3), 1e-8);
  EXPECT_GT(centre, 2 * iteration_seconds(run("three-hosts", collective("ring"))));
}

/// The points of a sweep, as `--json` lists them.
json points_of(const std::string& sweep, const std::string& words = "") {
  const test::TemporaryDirectory directory;
  const test::Outcome outcome =
      test::shell(std::string(DESCENT_PROGRAM) + " sweep " + test::source_path("scenarios/" + sweep + ".xml") +
                  " --json --out " + directory.path().string() + words);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  return json::parse(outcome.output)["list"];
}

/// By the value on one axis and that on the other, of one seed.
std::map<std::string, std::map<std::string, double>> times_of(const std::string& sweep, const char* axis,
                                                              const char* other) {
  std::map<std::string, std::map<std::string, double>> times;
  for (const json& point : points_of(sweep, " --seed 1")) {
    times[point["parameters"][axis]][point["parameters"][other]] = number(point, "time_s");
  }
  return times;
}

/// The longer one trains, the more gradients a round should wait for.
TEST(Scenario, SweepWaiting) {
  std::map<std::string, std::map<std::string, double>> losses;
  for (const json& point : points_of("sweep-waiting")) {
    losses[point["parameters"]["time"]][point["parameters"]["k"]] += number(point, "loss");
  }
  for (const auto& [time, best] : {std::pair("250ms", "2"), std::pair("1s", "4"), std::pair("4s", "8")}) {
    for (const auto& [k, loss] : losses[time]) {
      EXPECT_TRUE(k == best || loss > 1.2 * losses[time][best]) << time << " " << k;
    }
  }
}

/// Runs end at the target: steps that are alike make no difference, others a large one.
TEST(Scenario, SweepAsynchrony) {
  auto times = times_of("sweep-asynchrony", "consistency", "sigma");
  EXPECT_NEAR(times["asp"]["0.05"] / times["bsp"]["0.05"], 1, 0.5);
  EXPECT_GT(times["bsp"]["0.8"], 3 * times["asp"]["0.8"]);
}

TEST(Scenario, SweepServers) {
  auto times = times_of("sweep-servers", "consistency", "servers");
  EXPECT_NEAR(times["bsp"]["1"] / times["bsp"]["2"], 2, 0.1);
  EXPECT_GT(times["bsp"]["1"], 8 * times["bsp"]["16"]);
  EXPECT_LT(times["asp"]["8"], 1.2 * times["asp"]["16"]);
}

TEST(Scenario, SweepStraggler) {
  auto times = times_of("sweep-straggler", "strategy", "speed");
  EXPECT_GT(times["bsp"]["0.0625"], 10 * times["bsp"]["1"]);
  EXPECT_GT(times["ssp"]["0.0625"], 10 * times["asp"]["0.0625"]);
  EXPECT_LT(times["balanced"]["0.0625"], 3 * times["balanced"]["1"]);
  for (const char* strategy : {"asp", "backup"}) {
    EXPECT_LT(times[strategy]["0.0625"], 1.5 * times[strategy]["1"]) << strategy;
  }
}

}  // namespace
}  // namespace descent
