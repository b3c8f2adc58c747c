#include "tests/support/program.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

using test::run;
using test::source_path;

TEST(Scenarios, QuickstartLearnsAndWaitsForItsSlowHost) {
  const auto summary = run(source_path("scenarios/quickstart.xml"));
  EXPECT_GE(summary["test_accuracy"].get<double>(), 0.86);
  EXPECT_GT(summary["utilization"]["idle"].get<double>(), 0.2);
}

TEST(Scenarios, SoftmaxReachesItsAccuracy) {
  EXPECT_GE(run(source_path("scenarios/softmax.xml"))["test_accuracy"].get<double>(), 0.83);
}

TEST(Utilization, AddsUpToTheRunTimeOnEveryRank) {
  const auto summary = run(source_path("tests/integration/small.xml"));
  for (const auto& rank : summary["per_rank"]) {
    const auto& use = rank["utilization"];
    const double sum = use["compute"].get<double>() + use["communication"].get<double>() + use["idle"].get<double>();
    EXPECT_NEAR(sum, 1, 1e-9);
    EXPECT_GE(use["idle"].get<double>(), -1e-9);
  }
}

}  // namespace
}  // namespace descent
