// What scenarios/papers says of papers with a parameter server.
#include "tests/support/swept_paper.hpp"

namespace descent {
namespace {

using test::expect_below;
using test::expect_each_below;
using test::is;
using test::Mean;
using test::mean_of;
using test::SweptPaper;

double harmonic(int n) {
  double sum = 0;
  for (int i = 1; i <= n; ++i) {
    sum += 1.0 / i;
  }
  return sum;
}

/// Of the K-th of eight exponential times of mean 1.
double exponential_time(const std::string& consistency, int k) {
  constexpr int kAll = 8;
  const bool batches = consistency.find("batch") != std::string::npos;
  return batches ? static_cast<double>(k) / kAll : harmonic(kAll) - harmonic(kAll - k);
}

void expect_in(const Mean& measured, double expected) {
  // Beside chance, what messages and updates take.
  EXPECT_NEAR(measured.mean, expected, measured.high - measured.mean + 3e-4);
  EXPECT_LT(measured.high - measured.low, 0.4 * expected);
}

/// Of asynchronous updates, the part whose gradient is of the parameters that it updates.
void expect_few_fresh(const SweptPaper& sweep) {
  const auto fresh = [&](const char* times) {
    return mean_of(
        sweep.numbers("SELECT coalesce(json_extract(p.summary, '$.staleness.histogram.\"0\"'), 0) * 1.0 / "
                      "json_extract(p.summary, '$.iterations') FROM points p WHERE " +
                      is("consistency", "k-async") + " AND " + is("k", "1") + " AND " + is("times", times)));
  };
  // The next of eight exponential times to end is anybody's, independently of all before: 3,600 draws, 99.9 %.
  EXPECT_NEAR(fresh("exponential").mean, 1.0 / 8, 3.29 * std::sqrt(1.0 / 8 * 7 / 8 / 3600));
  EXPECT_LT(fresh("shifted-exponential").high, 1.0 / 8);
}

TEST(Dutta2018, UpdatesTakeTheExpectedTimesAndFewGradientsAreFresh) {
  const SweptPaper sweep("dutta2018/runtime");
  for (const std::string consistency : {"k-sync", "k-batch-sync", "k-async", "k-batch-async"}) {
    for (const int k : {1, 2, 4, 8}) {
      SCOPED_TRACE(consistency + " " + std::to_string(k));
      const std::string where = is("consistency", consistency) + " AND " + is("k", std::to_string(k)) + " AND ";
      const Mean exponential = sweep.metric("iteration_time_s.mean", where + is("times", "exponential"));
      expect_in(exponential, exponential_time(consistency, k));
      const Mean shifted = sweep.metric("iteration_time_s.mean", where + is("times", "shifted-exponential"));
      const double kth = 0.5 + 0.5 * exponential_time("k-sync", k);
      if (consistency == "k-sync" || (consistency == "k-async" && k == 8)) {
        expect_in(shifted, kth);
      } else if (consistency == "k-async") {
        EXPECT_LT(shifted.high, kth);
      } else if (consistency == "k-batch-async") {
        expect_in(shifted, k / 8.0);
      } else {
        // The same as k-sync at K = 1, and less the larger K.
        EXPECT_LT(k < 8 ? shifted.low : shifted.high, kth);
        EXPECT_GT(shifted.low, k / 8.0);
      }
    }
  }
  expect_few_fresh(sweep);
}

TEST(Dutta2018, FigureShowsTheClosedForms) {
  std::ifstream file(test::source_path("scenarios/papers/dutta2018/expected.csv"));
  std::string line;
  std::getline(file, line);
  int rows = 0;
  for (; std::getline(file, line); ++rows) {
    std::istringstream fields(line);
    std::string times;
    std::string consistency;
    std::string k;
    std::string seconds;
    std::getline(std::getline(std::getline(std::getline(fields, times, ','), consistency, ','), k, ','), seconds);
    const bool shifted = times != "exponential" && consistency != "k-batch-async";
    const double exponential = exponential_time(consistency, std::stoi(k));
    EXPECT_NEAR(std::stod(seconds), shifted ? 0.5 + 0.5 * exponential : exponential, 1e-6) << line;
  }
  EXPECT_EQ(rows, 24);
}

TEST(Dutta2018, FewExactUpdatesEndLowerManyNoisyOnesAreSoonerThere) {
  const SweptPaper sweep("dutta2018/trade-off", {{"time=\"100s\"", "time=\"60s\""}});
  const auto loss = [&](const char* how, double begin, double end) {
    return sweep.between("loss", begin, end, is("how", how));
  };
  expect_below(loss("async", 0.9, 2.5), loss("4-async", 0.9, 2.5), 0.5);
  expect_below(loss("4-async", 0.9, 2.5), loss("sync", 0.9, 2.5), 0.8);
  for (const char* between : {"4-sync", "4-async", "4-batch-async"}) {
    expect_below(loss(between, 9, 15), loss("async", 9, 15), 0.5);
    expect_below(loss(between, 9, 15), loss("sync", 9, 15), 0.5);
    expect_below(loss("sync", 45, 60), loss(between, 45, 60), 0.8);
  }
  expect_below(loss("sync", 45, 60), loss("async", 45, 60), 0.2);
}

TEST(Ho2013, StalenessBuysComputingAndTimeUntilParametersAreTooOld) {
  const SweptPaper sweep(
      "ho2013/staleness",
      {{"0, 1, 4, 8, 32", "0, 1, 8, 32"},
       {"</sweep>",
        "<exclude><when axis=\"pull\" values=\"every-step\"/><when axis=\"s\" below=\"8\"/></exclude></sweep>"},
       {"time=\"25s\"", "time=\"16s\""}});
  const auto where = [](const char* s, const char* pull) { return is("s", s) + " AND " + is("pull", pull); };
  const auto share = [&](const char* s) { return sweep.metric("utilization.compute", where(s, "when-stale")); };
  const std::vector<const char*> more = {"0", "1", "8", "32"};
  for (std::size_t i = 1; i < more.size(); ++i) {
    expect_below(share(more[i - 1]), share(more[i]));
  }
  const auto loss = [&](const char* s, const char* pull) { return sweep.between("loss", 8, 16, where(s, pull)); };
  expect_below(loss("1", "when-stale"), loss("0", "when-stale"));
  expect_each_below(loss("8", "when-stale"), loss("0", "when-stale"), 0.85);
  expect_each_below(loss("8", "when-stale"), loss("32", "when-stale"), 0.85);
  // Who always reads the newest parameters has none that are too old.
  expect_each_below(loss("32", "every-step"), loss("8", "every-step"), 1);
}

TEST(Chen2016, AFewBackupsConvergeSoonest) {
  const SweptPaper sweep("chen2016/backups", {{"target-loss=\"0.8\"", "target-loss=\"0.9\""}});
  const auto of = [&](const char* metric, const char* backups) { return sweep.metric(metric, is("backups", backups)); };
  const std::vector<const char*> more = {"0", "2", "4", "8", "24"};
  for (std::size_t i = 1; i < more.size(); ++i) {
    expect_below(of("iteration_time_s.mean", more[i]), of("iteration_time_s.mean", more[i - 1]));
  }
  expect_below(of("iterations", "0"), of("iterations", "8"));
  expect_below(of("iterations", "8"), of("iterations", "24"));
  expect_below(of("time_to_target_s", "4"), of("time_to_target_s", "0"));
  expect_below(of("time_to_target_s", "4"), of("time_to_target_s", "24"));
}

TEST(Chen2016, BackupsBeatABarrierAndStaleGradientsLimitTheRate) {
  const SweptPaper sweep("chen2016/asynchronous", {{"0.003, 0.01, 0.03, 0.1, 0.3, 0.6", "0.01, 0.03, 0.1, 0.3"},
                                                   {"time=\"40s\"", "time=\"20s\""}});
  const auto accuracy = [&](const std::string& how, const std::string& rate) {
    return sweep.between("test_accuracy", 10, 20, is("how", how) + " AND " + is("rate", rate)).mean;
  };
  for (const std::string rate : {"0.1", "0.3"}) {
    EXPECT_GT(accuracy("4-backups", rate), accuracy("sync", rate) + 0.01) << rate;
  }
  EXPECT_GT(accuracy("async", "0.01"), 0.7);
  EXPECT_LT(accuracy("async", "0.03"), 0.3);
}

}  // namespace
}  // namespace descent
