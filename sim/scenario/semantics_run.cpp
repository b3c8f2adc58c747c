// The checks that need ranks or data; those of the file alone are in semantics.cpp.
#include "algorithms/strategies/problem.hpp"
#include "sim/scenario/roles.hpp"
#include "sim/scenario/semantics.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace descent {
namespace {

std::string range_text(const RankRange& range) {
  if (range.most == any_number) {
    return fmt::format("at least {}", range.least);
  }
  return range.least == range.most ? fmt::format("exactly {}", range.least)
                                   : fmt::format("{} to {}", range.least, range.most);
}

void check_count(const Scenario& scenario, const std::string& role, std::size_t count, const RankRange& range,
                 std::vector<Diagnostic>& problems) {
  if (count < range.least || count > range.most) {
    problems.push_back({scenario.file.string(), scenario.deployment_line,
                        fmt::format("{} {}{} deployed; strategy '{}' takes {}", count, role, count == 1 ? "" : "s",
                                    scenario.strategy.kind, range_text(range))});
  }
}

/// Samples of one worker's gradient; 0 for the full batch.
std::size_t worker_batch(const Scenario& scenario, std::size_t workers) {
  return scenario.training.global_batch ? *scenario.training.global_batch / workers
                                        : scenario.training.batch.value_or(0);
}

void check_shards(const Scenario& scenario, std::size_t workers, const Problem& problem,
                  std::vector<Diagnostic>& problems) {
  const std::span<const std::size_t> sizes = problem.shard_sizes();
  if (sizes.empty() || problem.samples() == 0) {
    return;
  }
  const std::string file = scenario.file.string();
  const int data_line = scenario.data ? scenario.data->line : 0;
  const auto smallest = std::min_element(sizes.begin(), sizes.end());
  const auto index = smallest - sizes.begin();
  const std::size_t batch = std::max<std::size_t>(worker_batch(scenario, workers), 1);
  if (*smallest == 0) {
    problems.push_back({file, data_line,
                        fmt::format("shard {} of {} has no samples; allowed: fewer shards, another "
                                    "partition or more data",
                                    index, sizes.size())});
  } else if (batch > *smallest) {
    problems.push_back({file, scenario.training.line,
                        fmt::format("a batch of {} samples is larger than shard {}, which has {}; allowed: at most {}",
                                    batch, index, *smallest, *smallest)});
  }
}

void check_compute_time(const Scenario& scenario, const Problem& problem, std::vector<Diagnostic>& problems) {
  const double flops = scenario.cost.flops_per_sample.value_or(problem.flops_per_sample()) + problem.flops_per_batch();
  if (!scenario.cost.compute_free && flops <= 0) {
    problems.push_back({scenario.file.string(), scenario.cost.line,
                        "computing a gradient takes no time; give <cost flops-per-sample=\"...\"/>, or "
                        "<cost compute=\"free\"/> if that is meant"});
  }
}

void check_accuracy(const Scenario& scenario, const Problem& problem, std::vector<Diagnostic>& problems) {
  if (!scenario.stop.target_accuracy) {
    return;
  }
  if (!problem.classifies()) {
    problems.push_back({scenario.file.string(), scenario.stop.line,
                        fmt::format("<stop> target-accuracy: model '{}' does not classify", scenario.model.kind)});
  } else if (problem.split_size(Split::test) == 0) {
    problems.push_back(
        {scenario.file.string(), scenario.stop.line, "<stop> target-accuracy: the data has no test samples"});
  }
}

}  // namespace

std::vector<Diagnostic> check_ranks(const Scenario& scenario, const Plan& plan) {
  std::vector<Diagnostic> problems;
  const std::size_t workers = plan.count("worker");
  if (const StrategyNeeds* needs = find_needs(scenario.strategy.kind)) {
    check_count(scenario, "worker", workers, needs->workers, problems);
    check_count(scenario, "server", plan.count("server"), needs->servers, problems);
  }
  const auto& global_batch = scenario.training.global_batch;
  if (global_batch && workers > 0 && *global_batch % workers != 0) {
    problems.push_back({scenario.file.string(), scenario.training.line,
                        fmt::format("global-batch {} is no multiple of the {} workers", *global_batch, workers)});
  }
  if (scenario.shards && *scenario.shards < workers) {
    problems.push_back(
        {scenario.file.string(), scenario.partition.line,
         fmt::format("{} shards for {} workers; allowed: at least one a worker", *scenario.shards, workers)});
  }
  return problems;
}

std::vector<Diagnostic> check_against_problem(const Scenario& scenario, const Plan& plan, const Problem& problem) {
  std::vector<Diagnostic> problems;
  const std::size_t servers = plan.count("server");
  if (servers > problem.parameters()) {
    problems.push_back({scenario.file.string(), scenario.deployment_line,
                        fmt::format("{} servers share {} parameters; allowed: at most one server a parameter", servers,
                                    problem.parameters())});
  }
  check_shards(scenario, std::max<std::size_t>(plan.count("worker"), 1), problem, problems);
  check_compute_time(scenario, problem, problems);
  check_accuracy(scenario, problem, problems);
  return problems;
}

}  // namespace descent
