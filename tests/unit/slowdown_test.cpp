#include "sim/disturbance/slowdown.hpp"

#include "algorithms/core/error.hpp"
#include "tests/support/distributions.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace descent {
namespace {

constexpr std::uint64_t kSteps = 200000;

RankSlowdown slowdown(const std::string& distribution, const std::map<std::string, std::string>& given,
                      bool shared = false, std::size_t number = 0) {
  std::vector<Complaint> complaints;
  RankSlowdown one;
  one.settings.distribution.kind = distribution;
  one.settings.distribution.settings =
      check_settings(find_distribution(distribution).entry.parameters, given, complaints);
  EXPECT_TRUE(complaints.empty()) << distribution;
  one.settings.shared = shared;
  one.number = number;
  return one;
}

RankSlowdown exponential_slowdown(const std::string& mean, bool shared = false, std::size_t number = 0) {
  return slowdown("exponential", {{"mean", mean}}, shared, number);
}

double factor(const Slowdown& slowdown, std::uint64_t step) {
  return slowdown(step).factor;
}

class Distributions : public ::testing::TestWithParam<test::KnownDistribution> {};

TEST_P(Distributions, HaveTheirMeanAndDistribution) {
  const test::KnownDistribution& known = GetParam();
  const Slowdown drawn({slowdown(known.name, known.parameters)}, 1, 0);
  std::vector<double> draws;
  draws.reserve(kSteps);
  double mean = 0;
  double square = 0;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    draws.push_back(factor(drawn, step));
    mean += draws.back() / kSteps;
    square += draws.back() * draws.back() / kSteps;
  }
  if (std::isfinite(known.variance)) {
    EXPECT_NEAR(mean, known.mean, test::kQuantile * std::sqrt(known.variance / kSteps) + 1e-9);
  }
  if (known.name == "exponential" || known.name == "log-normal" || known.name == "bimodal") {
    EXPECT_NEAR(square - mean * mean, known.variance, 0.04 * known.variance);
  }
  std::sort(draws.begin(), draws.end());
  // Kolmogorov and Smirnov's distance stays below 1.95/√n with probability 99.9 %; with jumps, at every point even more
  // surely.
  double distance = 0;
  for (std::uint64_t i = 0; i < kSteps; ++i) {
    if (known.continuous || i + 1 == kSteps || draws[i + 1] > draws[i]) {
      distance = std::max(distance, std::abs(known.below(draws[i]) - static_cast<double>(i + 1) / kSteps));
    }
  }
  EXPECT_LT(distance, 1.95 / std::sqrt(kSteps));
}

TEST_P(Distributions, DrawTheSameAgain) {
  const test::KnownDistribution& known = GetParam();
  const Slowdown one({slowdown(known.name, known.parameters)}, 3, 2);
  const Slowdown again({slowdown(known.name, known.parameters)}, 3, 2);
  for (const std::uint64_t step : {7, 3, 7, 1000000}) {
    EXPECT_EQ(factor(one, step), factor(again, step));
  }
}

INSTANTIATE_TEST_SUITE_P(All, Distributions, ::testing::ValuesIn(test::known_distributions()),
                         [](const auto& test) { return test::name_of(test.param); });

TEST(DistributionTable, EveryOneThatIsDrawnIsTested) {
  for (const DistributionRow& row : distribution_rows()) {
    const auto all = test::known_distributions();
    const bool known = std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.name == row.entry.name; });
    EXPECT_EQ(known, row.make != nullptr) << row.entry.name;
    EXPECT_FALSE(row.entry.summary.empty());
  }
}

TEST(DistributionTable, TheShiftIsBelowTheMean) {
  const DistributionRow& row = find_distribution("shifted-exponential");
  const auto fault = [&](const std::string& mean, const std::string& shift) {
    return row.fault(
        slowdown("shifted-exponential", {{"mean", mean}, {"shift", shift}}).settings.distribution.settings);
  };
  EXPECT_EQ(fault("2", "1.5"), "");
  EXPECT_EQ(fault("2", "0"), "");
  EXPECT_EQ(fault("2", "2"), "shift=2 is not below the mean, 2; allowed: 0 <= shift < mean");
}

/// The first draws of the stream by (seed, rank, step): results of released scenarios rest on them.
TEST(Slowdown, DrawsStayWhatTheyWere) {
  const Slowdown both({exponential_slowdown("2"), slowdown("log-normal", {{"mean", "1.5"}, {"sigma", "0.5"}})}, 11, 3);
  EXPECT_DOUBLE_EQ(factor(both, 0), 0.84181539711886633);
  EXPECT_DOUBLE_EQ(factor(both, 41), 28.77467358800082);
}

TEST(Slowdown, SeveralAreDrawnFromOneStreamAndMultiplied) {
  const Slowdown both({exponential_slowdown("2"), exponential_slowdown("3")}, 5, 1);
  const Slowdown first({exponential_slowdown("2")}, 5, 1);
  const Slowdown second({exponential_slowdown("3")}, 5, 1);
  double mean = 0;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    mean += factor(both, step) / kSteps;
  }
  EXPECT_NEAR(mean, 6, 0.2);
  // The second is not drawn from the beginning of the stream, where it would be one and a half times the first.
  EXPECT_NE(factor(both, 7), factor(first, 7) * factor(second, 7));
}

TEST(Slowdown, DependsOnSeedRankAndStepAlone) {
  const Slowdown slowdown({exponential_slowdown("1")}, 3, 2);
  const double drawn = factor(slowdown, 10);
  EXPECT_EQ(factor(slowdown, 11), factor(slowdown, 11));
  EXPECT_EQ(factor(slowdown, 10), drawn);
  EXPECT_EQ(factor(Slowdown({exponential_slowdown("1")}, 3, 2), 10), drawn);
  EXPECT_NE(factor(Slowdown({exponential_slowdown("1")}, 4, 2), 10), drawn);
  EXPECT_NE(factor(Slowdown({exponential_slowdown("1")}, 3, 1), 10), drawn);
  EXPECT_NE(factor(slowdown, 11), drawn);
}

TEST(Slowdown, SharedDrawsAreThoseOfEveryRank) {
  const Slowdown one({exponential_slowdown("1", true, 4)}, 3, 0);
  const Slowdown other({exponential_slowdown("1", true, 4)}, 3, 17);
  const Slowdown another_rack({exponential_slowdown("1", true, 5)}, 3, 0);
  double mean = 0;
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    ASSERT_EQ(factor(one, step), factor(other, step));
    ASSERT_NE(factor(one, step), factor(another_rack, step));
    mean += factor(one, step) / kSteps;
  }
  EXPECT_NEAR(mean, 1, test::kQuantile / std::sqrt(kSteps));
}

TEST(Slowdown, SharedDrawsLeaveARanksOwnAlone) {
  const Slowdown own({exponential_slowdown("1")}, 3, 2);
  const Slowdown shared({exponential_slowdown("1", true)}, 3, 2);
  const Slowdown both({exponential_slowdown("1", true), exponential_slowdown("1")}, 3, 2);
  EXPECT_DOUBLE_EQ(factor(both, 5), factor(own, 5) * factor(shared, 5));
  EXPECT_NE(factor(own, 5), factor(shared, 5));
}

TEST(Slowdown, OnlyTrainingStepsAreSlowed) {
  EXPECT_EQ(Slowdown({exponential_slowdown("5")}, 1, 0)(std::nullopt).factor, 1);
  EXPECT_EQ(Slowdown({}, 1, 0)(3).factor, 1);
}

TEST(Slowdown, UnknownDistributionIsAnInputError) {
  RankSlowdown unknown;
  unknown.settings.distribution.kind = "cauchy";
  EXPECT_THROW(Slowdown({unknown}, 1, 0), InputError);
}

/// A file in the temporary directory, gone at the end.
class TraceFile {
 public:
  explicit TraceFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("descent-trace-" + std::to_string(::getpid()) + ".csv")) {
    std::ofstream(path_) << text;
  }
  ~TraceFile() { std::filesystem::remove(path_); }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Trace read(const std::string& text) {
  return read_trace(TraceFile(text).path());
}

/// The error's words after the file's name.
std::string fault_of(const std::string& text) {
  const TraceFile file(text);
  try {
    read_trace(file.path());
  } catch (const InputError& error) {
    const std::string what = error.what();
    EXPECT_TRUE(what.starts_with(file.path().string())) << what;
    return what.substr(std::min(what.size(), file.path().string().size()));
  }
  return "none";
}

TEST(TraceFile, ColumnsWithAndWithoutHeader) {
  EXPECT_EQ(read("1.5\n2\n\n+3e-1\n").columns, (std::vector<std::vector<double>>{{1.5, 2, 0.3}}));
  EXPECT_EQ(read("a,b\r\n1, 2\r\n3,4\r\n").columns, (std::vector<std::vector<double>>{{1, 3}, {2, 4}}));
}

TEST(TraceFile, WhatIsWrongHasItsLine) {
  EXPECT_EQ(fault_of("1\n2\nfast\n"), ":3: 'fast' is no step time; allowed: numbers > 0, separated by commas");
  EXPECT_EQ(fault_of("time\n1\n0\n"), ":3: '0' is no step time; allowed: numbers > 0, separated by commas");
  EXPECT_EQ(fault_of("1,2\n3\n"), ":2: 1 values; the first row has 2");
  EXPECT_EQ(fault_of("1\ninf\n"), ":2: 'inf' is no step time; allowed: numbers > 0, separated by commas");
  EXPECT_EQ(fault_of("time\n"), ": no step times; allowed: a line of numbers > 0 for each step");
}

RankSlowdown trace(const std::string& unit, const std::string& text, bool shared = false) {
  RankSlowdown one = slowdown("trace", {{"file", "f.csv"}, {"unit", unit}}, shared);
  one.trace = std::make_shared<const Trace>(read(text));
  return one;
}

TEST(TraceReplay, AColumnOfItsOwnFromTheFirstRowAndRoundAgain) {
  RankSlowdown second = trace("multiple", "1,10\n2,20\n3,30\n");
  second.column = 1;
  const Slowdown replayed({second}, 1, 0);
  const std::vector<double> expected{10, 20, 30, 10, 20};
  for (std::uint64_t step = 0; step < expected.size(); ++step) {
    EXPECT_EQ(factor(replayed, step), expected[step]);
    EXPECT_FALSE(replayed(step).seconds);
  }
}

TEST(TraceReplay, TheOnlyColumnFromARowThatIsDrawn) {
  std::string text;
  for (int row = 1; row <= 1000; ++row) {
    text += std::to_string(row) + "\n";
  }
  const auto first = [&](int rank, bool shared) {
    const Slowdown replayed({trace("multiple", text, shared)}, 1, rank);
    const double row = factor(replayed, 0);
    EXPECT_EQ(factor(replayed, 1000), row);
    EXPECT_EQ(factor(replayed, 1), std::fmod(row, 1000) + 1);
    return row;
  };
  EXPECT_NE(first(0, false), first(1, false));
  EXPECT_EQ(first(1, false), first(1, false));
  EXPECT_EQ(first(0, true), first(1, true));
}

TEST(TraceReplay, SecondsAreTheStepsTimeAndOthersMultiplyThem) {
  const Slowdown replayed(
      {slowdown("constant", {{"factor", "2"}}), trace("seconds", "0.25\n"), slowdown("constant", {{"factor", "3"}})}, 1,
      0);
  ASSERT_TRUE(replayed(4).seconds);
  EXPECT_EQ(*replayed(4).seconds, 1.5);
  EXPECT_FALSE(replayed(std::nullopt).seconds);
}

}  // namespace
}  // namespace descent
