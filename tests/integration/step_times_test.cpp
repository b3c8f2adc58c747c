// Rounds of bsp and k-sync against order statistics, for every distribution that step times can have, and bimodal
// stragglers against chains computed by hand. As in order_statistics_test.cpp.
#include "tests/support/distributions.hpp"
#include "tests/support/rounds.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

using test::durations;
using test::KnownDistribution;
using test::run_stragglers;
using test::Sample;
using test::sample_of;
using test::workers;

constexpr int kWorkers = 6;
constexpr std::size_t kRounds = 4000;

std::string slowed_by(const std::string& element) {
  return "--set '//slowdown=" + element + "' ";
}

std::string k_sync(int k) {
  return "--set '//strategy=<strategy kind=\"parameter-server\" consistency=\"k-sync\" k=\"" + std::to_string(k) +
         "\"/>' ";
}

/// The confidence interval, and what a nanosecond of network and update a round may add.
void expect_mean(const Sample& sample, double expected, std::size_t rounds = kRounds) {
  ASSERT_EQ(sample.count, rounds);
  EXPECT_NEAR(sample.mean, expected, sample.half_width + 1e-4);
  EXPECT_LT(sample.half_width, 0.06 * expected);
}

class StepTimes : public ::testing::TestWithParam<KnownDistribution> {};

TEST_P(StepTimes, ARoundOfBspTakesTheLargest) {
  const KnownDistribution& known = GetParam();
  if (!std::isfinite(known.variance)) {
    GTEST_SKIP() << "the largest has no variance, so its mean no confidence interval";
  }
  expect_mean(sample_of(durations(run_stragglers(workers(kWorkers) + slowed_by(known.element())))),
              test::expected_order_statistic(kWorkers, kWorkers, known.below));
}

TEST_P(StepTimes, ARoundOfKSyncTakesTheKth) {
  const KnownDistribution& known = GetParam();
  for (const int k : {2, 4}) {
    const test::Results results = run_stragglers(workers(kWorkers) + slowed_by(known.element()) + k_sync(k));
    expect_mean(sample_of(durations(results)), test::expected_order_statistic(k, kWorkers, known.below));
  }
}

INSTANTIATE_TEST_SUITE_P(All, StepTimes, ::testing::ValuesIn(test::known_distributions()),
                         [](const auto& test) { return test::name_of(test.param); });

TEST(StepTimes, AreTheSameForTheSameSeed) {
  const std::string pareto =
      workers(4) + slowed_by("<slowdown distribution=\"pareto\" shape=\"1.5\"/>") + "--set //stop/@iterations=200 ";
  const auto once = durations(run_stragglers(pareto + "--threads 1"));
  EXPECT_EQ(durations(run_stragglers(pareto + "--threads 2")), once);
  EXPECT_NE(durations(run_stragglers(pareto + "--seed 12")), once);
}

/// P workers, whose steps take 1 s, or with probability p 2 s and a half of the update's time U more. The server's
/// update takes U, so that a worker that a round leaves behind comes back while the next one's update is computed, and
/// begins with the others once more: rounds have no other memory than whether one is behind.
///
/// bsp: a round waits for slow workers unless all P are fast. k-sync with K = P − 1: unless at most one is slow.
///
/// backup with one: also unless at most one is slow, but that one computes on, and takes no part in the next round,
/// until it comes back a second and U/2 after that has begun. So rounds begin with all P at work (state 0) or with P −
/// 1 (state 1). With q = 1 − p:
///   from 0: all fast (q^P): 1 + U, to 0; one slow (P p q^(P−1)): 1 + U, to 1; more: 2 + 5/2 U, to 0;
///   from 1: P − 1 fast (q^(P−1)): 1 + U, to 0; one of them slow, and a fast step of who came back: 2 + 3/2 U, to 0;
///   else 2 + 5/2 U, to 1 if a slow one came back (p), else to 0.
/// So there are r = P p q^(P−1) / (1 − p (1 − q^(P−1))) rounds from 1 for each from 0. In the rare last case who came
/// back is early for the rounds that follow, which may stay in 1 for longer: of order p³ of all rounds.
struct Bimodal {
  static constexpr double kUpdate = 0.02;
  static constexpr double kFast = 1 + kUpdate;
  static constexpr double kSlow = 2 + 2.5 * kUpdate;

  double p = 0;
  int workers = 0;

  double fast(int count) const { return std::pow(1 - p, count); }
  double one_slow(int count) const { return count * p * fast(count - 1); }
  static double round(double quick) { return quick * kFast + (1 - quick) * kSlow; }

  double bsp() const { return round(fast(workers)); }
  double k_sync() const { return round(fast(workers) + one_slow(workers)); }
  double backup() const {
    const int others = workers - 1;
    const double r = one_slow(workers) / (1 - p * (1 - fast(others)));
    const double saved = one_slow(others) * (1 - p) * kUpdate;
    return (k_sync() + r * (round(fast(others)) - saved)) / (1 + r);
  }
};

class BimodalStragglers : public ::testing::TestWithParam<Bimodal> {};

TEST_P(BimodalStragglers, BackupWorkersWinByWhatIsComputedByHand) {
  const Bimodal& by_hand = GetParam();
  constexpr std::size_t kMany = 8000;
  // An update is of 8 flop, on a server of 1 Gflop/s.
  const std::string words = workers(by_hand.workers) +
                            "--set '//disturbances=<disturbances><host-speed hosts=\"node-8\" factor=\"4e-7\"/>"
                            "<slowdown distribution=\"bimodal\" probability=\"" +
                            std::to_string(by_hand.p) +
                            "\" factor=\"2.03\"/></disturbances>' --set //stop/@iterations=" + std::to_string(kMany);
  const Sample bsp = sample_of(durations(run_stragglers(words)));
  const Sample k = sample_of(durations(run_stragglers(words + " " + k_sync(by_hand.workers - 1))));
  const Sample backup = sample_of(durations(run_stragglers(
      words + " --set '//strategy=<strategy kind=\"parameter-server\" consistency=\"backup\" backups=\"1\"/>'")));
  expect_mean(bsp, by_hand.bsp(), kMany);
  expect_mean(k, by_hand.k_sync(), kMany);
  expect_mean(backup, by_hand.backup(), kMany);
  // What backup workers win, of what there is to win.
  EXPECT_NEAR((bsp.mean - backup.mean) / (bsp.mean - k.mean),
              (by_hand.bsp() - by_hand.backup()) / (by_hand.bsp() - by_hand.k_sync()), 0.1);
}

INSTANTIATE_TEST_SUITE_P(Probabilities, BimodalStragglers,
                         ::testing::Values(Bimodal{0.05, 4}, Bimodal{0.02, 8}, Bimodal{0.05, 3}), [](const auto& test) {
                           return "p" + std::to_string(std::lround(100 * test.param.p)) + "_of_" +
                                  std::to_string(test.param.workers);
                         });

/// All of them slow at once: a round of bsp takes one draw, and there is nothing for k-sync to win.
TEST(SharedSlowdown, MakesTheKthAsSlowAsTheLast) {
  const std::string words = workers(kWorkers) + slowed_by("<slowdown shared=\"yes\" distribution=\"exponential\"/>");
  const std::vector<double> all = durations(run_stragglers(words));
  expect_mean(sample_of(all), 1);
  const std::vector<double> first = durations(run_stragglers(words + k_sync(2)));
  ASSERT_EQ(first.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_NEAR(first[i], all[i], 1e-6) << i;
  }
}

/// A round takes the largest of the racks' draws.
TEST(SharedSlowdown, IsDrawnForEachElement) {
  const std::string rack = "<slowdown shared=\"yes\" distribution=\"exponential\" hosts=\"node-[";
  const std::string words =
      workers(6) + "--set '//disturbances=<disturbances>" + rack + "0-2]\"/>" + rack + "3-5]\"/></disturbances>'";
  expect_mean(sample_of(durations(run_stragglers(words))), 1 + 1 / 2.0);
}

/// A trace in a file, for scenarios that are elsewhere.
class TraceFile {
 public:
  explicit TraceFile(const std::string& text) { std::ofstream(path()) << text; }
  std::filesystem::path path() const { return directory_.path() / "trace.csv"; }
  std::string element(const std::string& unit) const {
    return "<slowdown distribution=\"trace\" unit=\"" + unit + "\" file=\"" + path().string() + "\"/>";
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST(TraceOfStepTimes, ARoundTakesTheLargestOfARow) {
  const TraceFile trace("a,b,c\n1,2,3\n5,4,1\n0.5,0.25,0.125\n");
  for (const std::string unit : {"multiple", "seconds"}) {
    // A mini-batch takes a second, so that multiples are seconds here; at a tenth of the speed only multiples change.
    const std::vector<double> rounds =
        durations(run_stragglers(workers(3) + slowed_by(trace.element(unit)) + "--set //stop/@iterations=7"));
    const std::vector<double> slow =
        durations(run_stragglers(workers(3) + slowed_by(trace.element(unit)) + "--set //cost/@flops-per-sample=10Gf " +
                                 "--set //stop/@iterations=7"));
    const std::vector<double> expected{3, 5, 0.5, 3, 5, 0.5, 3};
    ASSERT_EQ(rounds.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(rounds[i], expected[i], 1e-6);
      EXPECT_NEAR(slow[i], unit == "seconds" ? expected[i] : 10 * expected[i], 1e-6);
    }
  }
}

/// k-sync begins gradients and gives the late ones up: another way through the simulator.
TEST(TraceOfStepTimes, StepsInSecondsCanBeGivenUp) {
  const TraceFile trace("1,2,3\n5,4,1\n0.5,0.25,0.125\n");
  const test::Results results =
      run_stragglers(workers(3) + slowed_by(trace.element("seconds")) + k_sync(2) + "--set //stop/@iterations=6");
  const std::vector<double> rounds = durations(results);
  const std::vector<double> expected{2, 4, 0.25, 2, 4, 0.25};
  ASSERT_EQ(rounds.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(rounds[i], expected[i], 1e-6);
  }
  EXPECT_EQ(results.summary["gradients_wasted"], 6);
}

/// A gradient that is computed in pieces, for buckets, takes a row in all.
TEST(TraceOfStepTimes, PiecesOfAStepShareItsSeconds) {
  const TraceFile trace("2\n");
  const std::string words =
      test::source_path("scenarios/stragglers.xml") + " " + slowed_by(trace.element("seconds")) +
      "--set '//deployment=<deployment><role name=\"worker\" hosts=\"node-[0-3]\"/></deployment>' "
      "--set //stop/@iterations=5 --set '//strategy=<strategy kind=\"allreduce\" bucket=\"1B\"><collective "
      "kind=\"ring\"/></strategy>'";
  EXPECT_NEAR(test::run(words)["time_s"].get<double>(), 10, 0.01);
}

}  // namespace
}  // namespace descent
