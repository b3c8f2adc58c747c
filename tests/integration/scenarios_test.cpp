// What scenarios/README.md says of each scenario. A test has the name of its file: d-sgd.xml is DSgd
// (scenario_coverage_test.cpp sees to it that none is missing).
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
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

}  // namespace
}  // namespace descent
