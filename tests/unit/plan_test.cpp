#include "sim/scenario/plan.hpp"
#include "algorithms/core/error.hpp"
#include "algorithms/strategies/problem.hpp"
#include "sim/scenario/host_pattern.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/scenario/semantics.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace descent {
namespace {

std::vector<HostInfo> hosts(const std::vector<std::string>& names) {
  std::vector<HostInfo> result;
  for (const std::string& name : names) {
    result.push_back({name, 1e9, 2});
  }
  return result;
}

/// Matched names, then what matched nothing after a "|".
std::string match(const std::string& pattern, const std::vector<std::string>& names) {
  std::vector<std::string> unmatched;
  std::string text;
  for (const HostInfo& host : match_hosts(pattern, hosts(names), unmatched)) {
    text += host.name + " ";
  }
  text += "|";
  for (const std::string& part : unmatched) {
    text += " " + part;
  }
  return text;
}

TEST(MatchHosts, ListsRangesAndStars) {
  const std::vector<std::string> names{"node-10", "node-2", "node-1", "gpu", "login"};
  EXPECT_EQ(match("*", names), "gpu login node-1 node-2 node-10 |");
  EXPECT_EQ(match("node-*", names), "node-1 node-2 node-10 |");
  EXPECT_EQ(match("node-[1-2,10]", names), "node-1 node-2 node-10 |");
  EXPECT_EQ(match("login, node-[2] gpu\n", names), "gpu login node-2 |");
  EXPECT_EQ(match("gpu gpu g*", names), "gpu |");
  EXPECT_EQ(match("*-1*", names), "node-1 node-10 |");
}

TEST(MatchHosts, ZeroPaddingIsKept) {
  const std::vector<std::string> names{"n-00", "n-01", "n-09", "n-10", "n-1"};
  EXPECT_EQ(match("n-[00-01]", names), "n-00 n-01 |");
  EXPECT_EQ(match("n-[09-10]", names), "n-09 n-10 |");
  EXPECT_EQ(match("n-[1]", names), "n-1 |");
  EXPECT_EQ(match("n-[0-1]", names), "n-1 | n-0");
}

TEST(MatchHosts, SaysWhatMatchedNothing) {
  const std::vector<std::string> names{"a0", "a1"};
  EXPECT_EQ(match("a[0-3]", names), "a0 a1 | a2 a3");
  EXPECT_EQ(match("a0 b* c", names), "a0 | b* c");
  for (const char* malformed : {"a[", "a]", "a[]", "a[1-0]", "a[x]", "a[0-]", "a[-1]", "a[0,,1]", "a[[0]]",
                                "a[0-99999999]", "a[0-18446744073709551615]", "a[99999999999999999999]"}) {
    EXPECT_EQ(match(malformed, names), std::string("| ") + malformed);
  }
  EXPECT_EQ(match("", names), "|");
}

TEST(MatchHosts, TheLargestNumberEndsTheRange) {
  const std::optional<std::vector<std::string>> names = expand_brackets("a[18446744073709551614-18446744073709551615]");
  ASSERT_TRUE(names);
  EXPECT_EQ(names->size(), 2U);
}

TEST(NaturalLess, NumbersCountAsNumbers) {
  EXPECT_TRUE(natural_less("n2", "n10"));
  EXPECT_FALSE(natural_less("n10", "n2"));
  EXPECT_TRUE(natural_less("n2b", "n10a"));
  EXPECT_TRUE(natural_less("n", "n0"));
  EXPECT_TRUE(natural_less("n01", "n1") != natural_less("n1", "n01"));
  EXPECT_FALSE(natural_less("n1", "n1"));
}

Scenario parameter_server() {
  Scenario scenario;
  scenario.file = "s.xml";
  scenario.strategy.kind = "parameter-server";
  scenario.strategy.settings = Settings(std::map<std::string, std::string>{{"consistency", "bsp"}});
  scenario.model.kind = "softmax";
  scenario.training.optimizer.kind = "sgd";
  scenario.deployment = {{"server", "n-0", 2, 5}, {"worker", "n-[1-2]", 3, 6}};
  scenario.training.batch = 4;
  return scenario;
}

TEST(MakePlan, WorkersFirstAndInTurn) {
  Scenario scenario = parameter_server();
  scenario.host_speeds = {{"*", 0.5, 8}, {"n-2", 0.25, 9}};
  std::vector<Diagnostic> problems;
  const Plan plan = make_plan(scenario, hosts({"n-0", "n-1", "n-2"}), problems);
  ASSERT_TRUE(problems.empty()) << problems[0].what;
  ASSERT_EQ(plan.ranks.size(), 5U);
  const std::vector<std::string> expected{"n-1", "n-2", "n-1", "n-0", "n-0"};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(plan.ranks[i].role, i < 3 ? "worker" : "server");
    EXPECT_EQ(plan.ranks[i].index, i < 3 ? i : i - 3);
    EXPECT_EQ(plan.ranks[i].host.name, expected[i]);
    EXPECT_EQ(plan.ranks[i].speed_factor, expected[i] == "n-2" ? 0.25 : 0.5);
  }
  EXPECT_EQ(plan.count("worker"), 3U);
  EXPECT_EQ(plan.count("nobody"), 0U);
}

TEST(MakePlan, UnknownHostsOfAnyElement) {
  Scenario scenario = parameter_server();
  scenario.deployment[1].hosts = "n_1";
  scenario.host_speeds = {{"x-9", 0.5, 8}};
  scenario.slowdowns = {{"n-[0-7]", {"exponential", {}, 9}}};
  std::vector<Diagnostic> problems;
  make_plan(scenario, hosts({"n-0", "n-1", "n-2"}), problems);
  ASSERT_EQ(problems.size(), 7U);  // One, one, and five of which four are named.
  EXPECT_EQ(problems[0].line, 8);
  EXPECT_EQ(problems[1].line, 9);
  EXPECT_NE(problems[5].what.find("and 1 more"), std::string::npos) << problems[5].what;
  EXPECT_EQ(problems[6].line, 6);
  EXPECT_NE(problems[6].what.find("no host 'n_1'"), std::string::npos);
  EXPECT_NE(problems[6].what.find("n-0, n-1, n-2 (3 hosts)"), std::string::npos) << problems[6].what;
}

TEST(MakePlan, AHostHasOneTraceOfSeconds) {
  const Settings seconds(std::map<std::string, std::string>{{"file", "t.csv"}, {"unit", "seconds"}});
  const Settings multiple(std::map<std::string, std::string>{{"file", "t.csv"}, {"unit", "multiple"}});
  Scenario scenario = parameter_server();
  scenario.slowdowns = {{"n-1", {"trace", seconds, 8}}, {"*", {"trace", multiple, 9}}, {"n-2", {"trace", seconds, 10}}};
  std::vector<Diagnostic> problems;
  const Plan plan = make_plan(scenario, hosts({"n-0", "n-1", "n-2"}), problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(plan.ranks[0].slowdowns, (std::vector<std::size_t>{0, 1}));
  scenario.slowdowns.push_back({"n-*", {"trace", seconds, 11}});
  make_plan(scenario, hosts({"n-0", "n-1", "n-2"}), problems);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].line, 11);
  EXPECT_NE(problems[0].what.find("host 'n-1' has its step times in seconds from line 8"), std::string::npos);
}

TEST(MakePlan, AHostFollowsOneProfile) {
  Scenario scenario = parameter_server();
  scenario.platform = "p.xml";
  scenario.slow_periods = {{"n-[0-1]", {}, 8}, {"*", {}, 9}};
  std::vector<HostInfo> there = hosts({"n-0", "n-1", "n-2"});
  std::vector<Diagnostic> problems;
  const Plan plan = make_plan(scenario, there, problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(plan.ranks[0].slow_periods, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(plan.ranks[1].slow_periods, (std::vector<std::size_t>{1}));
  there[2].speed_profile_line = 17;
  make_plan(scenario, there, problems);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].line, 9);
  EXPECT_NE(problems[0].what.find("host 'n-2' has a profile of its speed already (p.xml:17)"), std::string::npos);
}

TEST(PlanLinks, ChangesByLinkInTheirOrder) {
  Scenario scenario = parameter_server();
  scenario.link_changes = {{"b_*", {}, 0.5, 1, 8}, {"a_UP, b_UP", {}, 1, 2, 9}};
  std::vector<LinkInfo> links{{"a_UP"}, {"a_DOWN"}, {"b_UP"}, {"b_DOWN"}, {"air", true}};
  std::vector<Diagnostic> problems;
  const std::vector<ChangedLink> changed = plan_links(scenario, links, problems);
  EXPECT_TRUE(problems.empty());
  std::map<std::string, std::vector<std::size_t>> by_name;
  for (const ChangedLink& link : changed) {
    by_name[link.name] = link.changes;
  }
  EXPECT_EQ(by_name,
            (std::map<std::string, std::vector<std::size_t>>{{"a_UP", {1}}, {"b_DOWN", {0}}, {"b_UP", {0, 1}}}));
  scenario.link_changes = {{"a", {}, 0.5, 1, 8}, {"air", {}, 0.5, 1, 9}, {"", {}, 0.5, 1, 10}};
  plan_links(scenario, links, problems);
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_NE(problems[0].what.find("no link 'a' (did you mean 'a_UP', 'a_DOWN' or 'a*'?)"), std::string::npos);
  EXPECT_NE(problems[1].what.find("link 'air' is Wi-Fi"), std::string::npos);
  EXPECT_NE(problems[2].what.find("the list is empty"), std::string::npos);
}

TEST(PlanLinks, OutagesBesideChanges) {
  Scenario scenario = parameter_server();
  scenario.link_changes = {{"a_UP", {}, 0.5, 1, 8}};
  scenario.link_outages = {{"b_*", {}, 9}, {"*_UP", {}, 10}};
  const std::vector<LinkInfo> links{{"a_UP"}, {"b_UP"}, {"b_DOWN"}};
  std::vector<Diagnostic> problems;
  std::map<std::string, std::pair<std::vector<std::size_t>, std::vector<std::size_t>>> by_name;
  for (const ChangedLink& link : plan_links(scenario, links, problems)) {
    by_name[link.name] = {link.changes, link.outages};
  }
  EXPECT_EQ(by_name["a_UP"], (std::pair<std::vector<std::size_t>, std::vector<std::size_t>>({0}, {1})));
  EXPECT_EQ(by_name["b_UP"], (std::pair<std::vector<std::size_t>, std::vector<std::size_t>>({}, {0, 1})));
  EXPECT_EQ(by_name["b_DOWN"], (std::pair<std::vector<std::size_t>, std::vector<std::size_t>>({}, {0})));
  EXPECT_TRUE(problems.empty());
  scenario.link_outages = {{"c", {}, 9}};
  plan_links(scenario, links, problems);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].line, 9);
  EXPECT_NE(problems[0].what.find("<link-outage> links: the platform has no link 'c'"), std::string::npos);
}

TEST(MakePlan, NetworkFaultsByHost) {
  Scenario scenario = parameter_server();
  scenario.network_partitions = {{"n-[1-2]", {}, 7}, {"n-0", {}, 8}};
  scenario.message_losses = {{"*", "n-2", 0.5, {}, 9}};
  std::vector<Diagnostic> problems;
  const Plan plan = make_plan(scenario, hosts({"n-0", "n-1", "n-2"}), problems);
  EXPECT_TRUE(problems.empty());
  for (const Placement& rank : plan.ranks) {
    EXPECT_EQ(rank.network_partitions, (std::vector<std::size_t>{rank.host.name == "n-0" ? 1U : 0U}));
    EXPECT_EQ(rank.losses_from.size(), 1U);
    EXPECT_EQ(rank.losses_to.size(), rank.host.name == "n-2" ? 1U : 0U);
  }
  scenario.network_partitions = {{"m", {}, 7}};
  make_plan(scenario, hosts({"n-0", "n-1", "n-2"}), problems);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].what.find("<network-partition> hosts: the platform has no host 'm'"), std::string::npos);
}

TEST(MakePlan, NumbersOfRanks) {
  const std::vector<HostInfo> there = hosts({"n-0", "n-1", "n-2"});
  const auto problem_of = [&](const Scenario& scenario) {
    std::vector<Diagnostic> problems;
    make_plan(scenario, there, problems);
    return problems.size() == 1 ? problems[0].what : std::to_string(problems.size()) + " problems";
  };
  Scenario scenario = parameter_server();
  scenario.strategy.kind = "d-sgd";
  EXPECT_EQ(problem_of(scenario), "2 servers deployed; strategy 'd-sgd' takes exactly 1");
  scenario = parameter_server();
  scenario.training.batch.reset();
  scenario.training.global_batch = 10;
  EXPECT_EQ(problem_of(scenario), "global-batch 10 is no multiple of the 3 workers");
  scenario = parameter_server();
  scenario.shards = 2;
  EXPECT_EQ(problem_of(scenario), "2 shards for 3 workers; allowed: at least one a worker");
}

/// Three workers share two cores; the server on the same host computes when they do not.
TEST(ModelledSpeeds, AreOfTheHostAsTheScenarioRunsItAndItsCores) {
  const HostInfo alone{"alone", 4e9, 1};
  const HostInfo shared{"shared", 3e9, 2};
  Plan plan;
  plan.ranks.push_back({"worker", 0, alone, 0.5, {}, {}});
  for (std::size_t worker = 1; worker < 4; ++worker) {
    plan.ranks.push_back({"worker", worker, shared, 1, {}, {}});
  }
  plan.ranks.push_back({"server", 0, shared, 1, {}, {}});
  const std::vector<double> speeds = modelled_speeds(plan, "worker");
  ASSERT_EQ(speeds.size(), 4U);
  for (const double speed : speeds) {
    EXPECT_DOUBLE_EQ(speed, 2e9);
  }
  EXPECT_EQ(modelled_speeds(plan, "server"), (std::vector<double>{3e9}));
}

TEST(PlanJson, ComesBackWithTheSameBits) {
  Plan plan;
  plan.ranks = {{"worker", 0, {"a \"quoted\" name", 0.1 + 0.2, 3}, 1.0 / 3, {0, 2}, {1}},
                {"server", 4, {"b", 1e15 / 7, 1}, 1, {}}};
  plan.ranks[1].host.rates.emplace("update.sgd.single", KernelRate({{1e3 / 3, 1e9 / 7}, {2e3, 3e9}}));
  const Plan copy = plan_from_json(to_json(plan));
  ASSERT_EQ(copy.ranks.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(copy.ranks[i].role, plan.ranks[i].role);
    EXPECT_EQ(copy.ranks[i].index, plan.ranks[i].index);
    EXPECT_EQ(copy.ranks[i].host.name, plan.ranks[i].host.name);
    EXPECT_EQ(copy.ranks[i].host.speed, plan.ranks[i].host.speed);
    EXPECT_EQ(copy.ranks[i].host.cores, plan.ranks[i].host.cores);
    EXPECT_EQ(copy.ranks[i].host.rates.size(), i);
    EXPECT_EQ(copy.ranks[i].speed_factor, plan.ranks[i].speed_factor);
    EXPECT_EQ(copy.ranks[i].slowdowns, plan.ranks[i].slowdowns);
    EXPECT_EQ(copy.ranks[i].slow_periods, plan.ranks[i].slow_periods);
  }
  EXPECT_EQ(copy.ranks[1].host.rates.at("update.sgd.single").seconds(1e3),
            plan.ranks[1].host.rates.at("update.sgd.single").seconds(1e3));
  for (const char* text : {"", "{", "[]", "{\"ranks\":[{}]}", "{\"ranks\":[{\"role\":1}]}", "{\"ranks\":5}"}) {
    EXPECT_THROW(plan_from_json(text), InputError) << text;
  }
}

/// A problem of which only the sizes matter.
class Sizes final : public Problem {
 public:
  std::vector<std::size_t> shards;
  std::size_t d = 10;
  std::size_t test_samples = 5;
  double flops = 1;
  bool classes = true;

  Precision precision() const override { return Precision::single_precision; }
  std::size_t parameters() const override { return d; }
  std::span<const Tensor> tensors() const override { return {}; }
  std::size_t samples() const override { return shards.empty() ? 0 : 100; }
  std::size_t bytes_per_sample() const override { return 8; }
  std::span<const std::size_t> shard_sizes() const override { return shards; }
  Snapshot initial_parameters() const override { return {}; }
  Snapshot gradient(const Snapshot& /*x*/, std::span<const std::uint32_t> /*samples*/, std::size_t /*batch*/,
                    RandomStream /*noise*/) const override {
    return {};
  }
  Evaluation evaluate(const Snapshot& /*x*/, Split /*split*/, std::size_t /*begin*/,
                      std::size_t /*count*/) const override {
    return {};
  }
  std::size_t split_size(Split split) const override { return split == Split::test ? test_samples : samples(); }
  double penalty(const Snapshot& /*x*/) const override { return 0; }
  bool classifies() const override { return classes; }
  double flops_per_sample() const override { return flops; }
  double flops_per_batch() const override { return 0; }
  std::span<const std::uint32_t> shard(std::size_t /*index*/) const override { return {}; }
};

class AgainstProblem : public testing::Test {
 protected:
  AgainstProblem() { sizes_.shards = {4, 4, 4}; }

  std::string problem() const {
    std::vector<Diagnostic> problems;
    const Plan plan = make_plan(scenario_, hosts({"n-0", "n-1", "n-2"}), problems);
    EXPECT_TRUE(problems.empty());
    problems = check_against_problem(scenario_, plan, sizes_);
    return problems.empty() ? "" : problems.size() == 1 ? problems[0].what : "several";
  }
  void expect(const std::string& what) const { EXPECT_NE(problem().find(what), std::string::npos) << problem(); }

  Scenario scenario_ = parameter_server();
  Sizes sizes_;
};

TEST_F(AgainstProblem, Fits) {
  EXPECT_EQ(problem(), "");
}

TEST_F(AgainstProblem, BatchLargerThanAShard) {
  sizes_.shards = {4, 3, 4};
  expect("draws 4 samples from shard 1");
  sizes_.shards = {2, 2, 2, 2, 2, 2};
  EXPECT_EQ(problem(), "");
  sizes_.shards = {2, 2, 2, 2, 2, 1};
  expect("draws 2 samples from shard 5");
  sizes_.shards = std::vector<std::size_t>(15, 9);
  expect("cannot be drawn from the 5 shards");
}

TEST_F(AgainstProblem, Shards) {
  sizes_.shards = {4, 0, 4};
  scenario_.training.batch.reset();
  expect("shard 1 of 3 has no samples");
  sizes_.shards = {4, 4};
  expect("2 shards for 3 workers");
}

TEST_F(AgainstProblem, MoreServersThanParameters) {
  sizes_.d = 1;
  expect("2 servers share 1 parameters");
}

TEST_F(AgainstProblem, ComputeIsNeverFreeByAccident) {
  sizes_.flops = 0;
  expect("takes no time");
  scenario_.cost.compute_free = true;
  EXPECT_EQ(problem(), "");
  scenario_.cost.compute_free = false;
  scenario_.cost.flops_per_sample = 1;
  EXPECT_EQ(problem(), "");
}

TEST_F(AgainstProblem, TargetsThatCannotBeMet) {
  scenario_.stop.target_accuracy = 0.9;
  EXPECT_EQ(problem(), "");
  sizes_.test_samples = 0;
  expect("no test samples");
  sizes_.classes = false;
  expect("does not classify");
}

}  // namespace
}  // namespace descent
