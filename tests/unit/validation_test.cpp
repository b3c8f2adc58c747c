#include "sim/validate/validation.hpp"
#include "sim/validate/child_run.hpp"
#include "sim/validate/comparison.hpp"
#include "sim/validate/explanation.hpp"
#include "sim/validate/outcome.hpp"
#include "sim/validate/quantities.hpp"
#include "sim/validate/run_plan.hpp"
#include "sim/validate/tables.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace descent {
namespace {

using nlohmann::json;

/// Ten iterations in so many seconds, of which a rank computes `compute_s`, communicates for `communication_s` and
/// idles for the rest.
json summary(double time_s, double compute_s = 0, double communication_s = 0) {
  return {{"strategy", "allreduce"},
          {"ranks", 3},
          {"per_rank", {{{"host", "a"}}, {{"host", "b"}}, {{"host", "a"}}}},
          {"race_free", true},
          {"iterations", 10},
          {"time_s", time_s},
          {"time_to_target_s", time_s / 2},
          {"iteration_time_s", {{"p50", time_s / 10}}},
          {"collective_time_s", {{"mean", 0.25}, {"p50", 0.2}}},
          {"bytes_sent", 1000},
          {"messages_sent", 20},
          {"staleness", {{"mean", 0.5}, {"histogram", {{"0", 5}, {"1", 5}}}}},
          {"utilization",
           {{"compute", compute_s / time_s},
            {"communication", communication_s / time_s},
            {"idle", 1 - (compute_s + communication_s) / time_s}}},
          {"parameters_digest", "abc"}};
}

RunOutcome outcome(const json& told) {
  return outcome_of(told, "time_s,iteration,loss\n0,0,2\n1,5,1\n2,10,0.5\n");
}

RunOutcome outcome(double time_s, double compute_s = 0, double communication_s = 0) {
  return outcome(summary(time_s, compute_s, communication_s));
}

Comparison compared(const std::string& scenario, const RunOutcome& predicted, std::vector<RunOutcome> measured) {
  return compare(scenario, predicted, measured);
}

TEST(Spread, HasTheMedianOfOddAndEvenNumbers) {
  const Spread odd = spread_of({3, 1, 2});
  EXPECT_EQ(odd.median, 2);
  EXPECT_EQ(odd.least, 1);
  EXPECT_EQ(odd.most, 3);
  EXPECT_EQ(spread_of({4, 1, 2, 8}).median, 3);
}

TEST(Comparison, IsOfTheMedianOfTheRepeats) {
  const Comparison comparison = compared("ring", outcome(9), {outcome(11), outcome(10), outcome(14)});
  const Compared& time = comparison.at("iteration_time_s");
  EXPECT_DOUBLE_EQ(time.measured->median, 1.1);
  EXPECT_DOUBLE_EQ(time.measured->least, 1.0);
  EXPECT_DOUBLE_EQ(time.measured->most, 1.4);
  EXPECT_DOUBLE_EQ(*time.predicted, 0.9);
  EXPECT_DOUBLE_EQ(*time.error, (9.0 - 11.0) / 11.0);
  EXPECT_EQ(*comparison.at("bytes_sent").error, 0);
  EXPECT_EQ(*comparison.at("collective_time_s").error, 0);
  EXPECT_EQ(comparison.ranks, 3U);
  EXPECT_EQ(comparison.hosts, 2U);
}

TEST(Comparison, HasNoErrorOfWhatOneSideDoesNotTell) {
  json missed = summary(10);
  missed["time_to_target_s"] = nullptr;
  missed.erase("collective_time_s");
  const Comparison comparison = compared("ring", outcome(10), {outcome(10), outcome(missed)});
  EXPECT_FALSE(comparison.at("time_to_target_s").measured);
  EXPECT_TRUE(comparison.at("time_to_target_s").predicted);
  EXPECT_FALSE(comparison.at("time_to_target_s").error);
  EXPECT_FALSE(comparison.at("collective_time_s").error);
  EXPECT_EQ(*comparison.at("time_s").error, 0);
}

TEST(Comparison, TakesOtherBitsForARaceOrAFault) {
  RunOutcome other = outcome(10);
  other.digest = "def";
  const Comparison different = compared("ring", outcome(10), {outcome(10), other});
  EXPECT_EQ(different.digests, Digests::different);
  EXPECT_EQ(*different.at("digest_difference").error, 0.5);
  RunOutcome racing = outcome(10);
  racing.race_free = false;
  EXPECT_EQ(compared("asp", racing, {other}).digests, Digests::race);
  EXPECT_EQ(compared("asp", racing, {outcome(10)}).digests, Digests::equal);
  json nothing = summary(10);
  nothing["parameters_digest"] = nullptr;
  EXPECT_EQ(compared("timing", outcome(nothing), {outcome(nothing)}).digests, Digests::none);
}

TEST(TotalVariation, IsHalfTheSumOfTheDifferences) {
  const Histogram one = {{0, 5}, {1, 5}};
  EXPECT_EQ(total_variation(one, {{0, 50}, {1, 50}}), 0);
  EXPECT_EQ(total_variation(one, {{7, 3}}), 1);
  EXPECT_DOUBLE_EQ(*total_variation(one, {{0, 3}, {1, 4}, {2, 3}}), 0.3);
  EXPECT_EQ(total_variation(one, {}), std::nullopt);
}

TEST(LossDifference, IsTheLargestAtTheSameIteration) {
  RunOutcome other = outcome(10);
  other.losses = {{0, 2.0}, {4, 77.0}, {5, 0.8}, {10, 0.5}};
  EXPECT_DOUBLE_EQ(*loss_difference(outcome(10), other), 0.25);
  EXPECT_EQ(loss_difference(outcome(10), outcome(12)), 0);
  other.losses = {{1, 1.0}};
  EXPECT_EQ(loss_difference(outcome(10), other), std::nullopt);
  other.losses = {{10, std::nan("")}};
  EXPECT_EQ(loss_difference(other, other), 0);
  EXPECT_TRUE(std::isinf(*loss_difference(outcome(10), other)));
}

TEST(Outcome, IsOfACompleteSummary) {
  const RunOutcome run = outcome(10);
  EXPECT_EQ(run.ranks, 3U);
  EXPECT_EQ(run.hosts, 2U);
  EXPECT_EQ(run.staleness, (Histogram{{0, 5}, {1, 5}}));
  json incomplete = summary(10);
  incomplete.erase("staleness");
  EXPECT_THROW(outcome(incomplete), json::exception);
}

TEST(Losses, AreReadByTheNamesOfTheColumns) {
  const auto losses = losses_of("time_s,iteration,loss,test_loss\n0,0,2.5,\n1,10,0.5,0.7\n2,20,,0.1\n");
  EXPECT_EQ(losses, (std::map<std::uint64_t, double>{{0, 2.5}, {10, 0.5}}));
}

TEST(Explanation, NamesThePhaseThatDeviatesMost) {
  const Comparison off = compared("ring-8", outcome(9.5, 4, 4.5), {outcome(10, 4.1, 5)});
  EXPECT_EQ(explain(off),
            "ring-8: predicted 5.0 % too short (1 s measured, 950 ms predicted an iteration): communication 500 ms "
            "measured, 450 ms predicted; compute 410 ms measured, 400 ms predicted; idle 90 ms measured, 100 ms "
            "predicted");
  EXPECT_EQ(explain(compared("near", outcome(10.1), {outcome(10)})), std::nullopt);
  const Comparison slow = compared("slow", outcome(11, 11, 0), {outcome(10, 10, 0)});
  EXPECT_NE(explain(slow)->find("predicted 10.0 % too long"), std::string::npos);
  EXPECT_NE(explain(slow)->find("an iteration): compute 1 s measured, 1.1 s predicted;"), std::string::npos);
  const std::vector<std::string> all = explain_errors(std::vector<Comparison>{off, {"bad", "diverged"}, slow});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].substr(0, 5), "slow:");
}

TEST(Errors, AreSummarizedWithoutTheirSigns) {
  const std::vector<Comparison> comparisons = {compared("short", outcome(9), {outcome(10)}),
                                               {"bad", "diverged"},
                                               compared("long", outcome(10.4), {outcome(10)})};
  const auto summary = summarize_errors(comparisons);
  EXPECT_NEAR(summary->mean, 0.07, 1e-12);
  EXPECT_NEAR(summary->worst, 0.1, 1e-12);
  EXPECT_EQ(summary->worst_scenario, "short");
  EXPECT_FALSE(summarize_errors(std::vector<Comparison>{{"bad", "diverged"}}));
}

TEST(RunPlan, SimulatesFirstAndInterleavesTheRepeats) {
  std::vector<std::pair<std::size_t, std::size_t>> runs;
  for (const PlannedRun& run : plan_runs(2, 2)) {
    runs.emplace_back(run.scenario, run.repeat);
  }
  EXPECT_EQ(runs, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 0}, {1, 0}, {0, 1}, {1, 1}, {0, 2}, {1, 2}}));
}

TEST(RunPlan, NumbersScenariosOfTheSameName) {
  EXPECT_EQ(labels_of({"a/ring.xml", "b/ring.xml", "ring-2.xml", "c/ring.xml"}),
            (std::vector<std::string>{"ring", "ring-3", "ring-2", "ring-4"}));
}

TEST(RunPlan, PassesOptionsToTheRunsThatTheyAreFor) {
  ValidationOptions options;
  options.files = {"ring.xml"};
  options.overrides = {"//@x=1"};
  options.platform = "/p.xml";
  options.hostfile = "hosts";
  options.paced = true;
  options.seed = 3;
  const std::vector<std::string> both = {
      "run", "ring.xml", "--quiet", "--out", "d", "--set", "//@x=1", "--set", "//platform/@file=/p.xml", "--seed", "3"};
  EXPECT_EQ(words_of({0, 0}, "d", options), both);
  std::vector<std::string> measured = both;
  measured.insert(measured.end(), {"--mpi", "--hostfile", "hosts", "--paced"});
  EXPECT_EQ(words_of({0, 2}, "d", options), measured);
  EXPECT_EQ(directory_of({0, 2}, "ring", options), "results/validation/ring/mpi-2");
}

TEST(FirstMessage, SkipsOrnaments) {
  EXPECT_EQ(first_message("\n-----\n*** \ndescent: rank 1 died\nmore\n"), "rank 1 died");
  EXPECT_EQ(first_message("a.xml:3: no such host\n"), "a.xml:3: no such host");
  EXPECT_EQ(first_message("---\n"), "");
}

TEST(Csv, HasARowForEachQuantityAndForAFailure) {
  const Validation validation{
      "mpi", 2, {compared("ring, of 3", outcome(9), {outcome(10), outcome(12)}), {"bad", "diverged"}}};
  const std::string csv = to_csv(validation);
  EXPECT_EQ(csv.find("scenario,quantity,unit,measured_median,measured_min,measured_max,predicted,error\n"), 0U);
  EXPECT_NE(csv.find("\n\"ring, of 3\",iteration_time_s,s,1.1,1,1.2,0.9,-0.181818182\n"), std::string::npos);
  EXPECT_NE(csv.find("\n\"ring, of 3\",loss_difference,,,,,,0\n"), std::string::npos);
  EXPECT_NE(csv.find("\nbad,failure,,,,,,\n"), std::string::npos);
  EXPECT_TRUE(validation.failed());
}

TEST(Tables, KeepAScenarioThatFailedWithItsReason) {
  const Validation validation{"mpi", 1, {compared("ring", outcome(9), {outcome(10)}), {"bad", "it diverged"}}};
  for (const std::string& text : {to_text(validation), to_markdown(validation)}) {
    EXPECT_NE(text.find("-10.00 %"), std::string::npos) << text;
    EXPECT_NE(text.find("✓"), std::string::npos) << text;
    EXPECT_NE(text.find("bad failed: it diverged"), std::string::npos) << text;
  }
  const auto told = to_json(validation);
  EXPECT_EQ(told["scenarios"][1]["failure"], "it diverged");
  EXPECT_EQ(told["scenarios"][0]["quantities"]["bytes_sent"]["measured"]["median"], 1000);
  EXPECT_EQ(told["iteration_time_error"]["worst_scenario"], "ring");
}

}  // namespace
}  // namespace descent
