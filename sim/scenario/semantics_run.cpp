// The checks that need ranks or data; those of the file alone are in semantics.cpp.
#include "algorithms/collectives/collectives.hpp"
#include "algorithms/strategies/problem.hpp"
#include "algorithms/strategies/strategy.hpp"
#include "sim/scenario/semantics.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace descent {
namespace {

std::string range_text(std::size_t least, std::size_t most) {
  if (most == Roles{}.most_workers) {
    return fmt::format("at least {}", least);
  }
  return least == most ? fmt::format("exactly {}", least) : fmt::format("{} to {}", least, most);
}

void check_count(const Scenario& scenario, const std::string& role, std::size_t count, std::size_t least,
                 std::size_t most, std::vector<Diagnostic>& problems) {
  if (count < least || count > most) {
    problems.push_back({scenario.file.string(), scenario.deployment_line,
                        fmt::format("{} {}{} deployed; strategy '{}' takes {}", count, role, count == 1 ? "" : "s",
                                    scenario.strategy.kind, range_text(least, most))});
  }
}

/// Samples of one worker's gradient; 0 for the full batch.
std::size_t worker_batch(const Scenario& scenario, std::size_t workers) {
  return scenario.training.global_batch ? *scenario.training.global_batch / workers
                                        : scenario.training.batch.value_or(0);
}

void check_empty_shards(const Scenario& scenario, const Problem& problem, std::vector<Diagnostic>& problems) {
  const std::span<const std::size_t> sizes = problem.shard_sizes();
  const auto empty = std::find(sizes.begin(), sizes.end(), std::size_t{0});
  if (empty != sizes.end()) {
    problems.push_back({scenario.file.string(), scenario.partition.line,
                        fmt::format("shard {} of {} has no samples; allowed: fewer shards, another partition or more "
                                    "data",
                                    empty - sizes.begin(), sizes.size())});
  }
}

/// What keeps the samples of a round from being divided over workers by speed.
void check_divided_batches(const Scenario& scenario, std::size_t workers, const Problem& problem,
                           std::vector<Diagnostic>& problems) {
  const BalanceSettings& balance = scenario.balance;
  const std::string fault = fault_of(balance.of == "shards" ? Balanced::shards : Balanced::batches,
                                     {workers, workers * worker_batch(scenario, workers), problem.shard_sizes()});
  if (!fault.empty()) {
    problems.push_back({scenario.file.string(), balance.line, "<balance>: " + fault});
  }
}

/// A worker draws its batch evenly from its shards, as the Learner deals them out.
void check_batches(const Scenario& scenario, std::size_t workers, const Problem& problem,
                   std::vector<Diagnostic>& problems) {
  const std::size_t batch = worker_batch(scenario, workers);
  const std::span<const std::size_t> sizes = problem.shard_sizes();
  for (std::size_t worker = 0; batch > 0 && worker < workers; ++worker) {
    const Part mine = part_of(sizes.size(), workers, worker);
    if (mine.count > batch) {
      problems.push_back({scenario.file.string(), scenario.training.line,
                          fmt::format("a batch of {} cannot be drawn from the {} shards of worker {}; allowed: at "
                                      "least a sample of each",
                                      batch, mine.count, worker)});
      return;
    }
    for (std::size_t i = 0; i < mine.count; ++i) {
      const std::size_t drawn = part_of(batch, mine.count, i).count;
      if (drawn > sizes[mine.begin + i]) {
        problems.push_back({scenario.file.string(), scenario.training.line,
                            fmt::format("a batch of {} draws {} samples from shard {}, which has {}", batch, drawn,
                                        mine.begin + i, sizes[mine.begin + i])});
        return;
      }
    }
  }
}

void check_compute_time(const Scenario& scenario, const Problem& problem, std::vector<Diagnostic>& problems) {
  const double flops = scenario.cost.flops_per_sample.value_or(problem.flops_per_sample() + problem.flops_per_batch());
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

/// Those of several parts that agree among themselves would each go on.
void check_least_workers(const Scenario& scenario, std::size_t workers, std::vector<Diagnostic>& problems) {
  if (!scenario.recovery || !scenario.recovery->timeout_s ||
      !find_strategy(scenario.strategy.kind).tolerance.agreement) {
    return;
  }
  const bool parted =
      !scenario.link_outages.empty() || !scenario.network_partitions.empty() || !scenario.message_losses.empty();
  const std::size_t least = scenario.recovery->least_workers.value_or(1);
  const std::size_t fewest = parted ? workers / 2 + 1 : 1;
  if (least < fewest || least > workers) {
    problems.push_back(
        {scenario.file.string(), scenario.recovery->line,
         fmt::format("<recovery> least-workers: {} of {} workers{}; allowed: {} to {}", least, workers,
                     least < fewest ? " go on by themselves, and the network may part them, so that others do too" : "",
                     fewest, workers)});
  }
}

}  // namespace

std::vector<Diagnostic> check_ranks(const Scenario& scenario, const Plan& plan) {
  std::vector<Diagnostic> problems;
  const std::size_t workers = plan.count("worker");
  const StrategyRow& row = find_strategy(scenario.strategy.kind);
  check_count(scenario, "worker", workers, row.roles.least_workers, row.roles.most_workers, problems);
  check_count(scenario, "server", plan.count("server"), row.roles.least_servers, row.roles.most_servers, problems);
  if (row.faults && problems.empty()) {
    const Cast cast = cast_of(plan);
    for (std::string& fault : row.faults(scenario.strategy.settings, &cast)) {
      problems.push_back({scenario.file.string(), scenario.strategy.line, std::move(fault)});
    }
  }
  for (Diagnostic& problem : check_parts(scenario, plan)) {
    problems.push_back(std::move(problem));
  }
  check_least_workers(scenario, workers, problems);
  const auto& global_batch = scenario.training.global_batch;
  if (global_batch && workers > 0 && *global_batch % workers != 0) {
    problems.push_back({scenario.file.string(), scenario.training.line,
                        fmt::format("global-batch {} is no multiple of the {} workers", *global_batch, workers)});
  }
  if (scenario.collective && workers > 0) {
    const Choice& collective = *scenario.collective;
    const std::string fault =
        fault_of({&find_collective(collective.kind), collective.settings, {}}, static_cast<int>(workers));
    if (!fault.empty()) {
      problems.push_back({scenario.file.string(), collective.line, "<collective>: " + fault});
    }
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
  const std::size_t workers = plan.count("worker");
  if (problem.samples() > 0 && problem.shard_sizes().size() < workers) {
    problems.push_back({scenario.file.string(), scenario.partition.line,
                        fmt::format("{} shards for {} workers; allowed: at least one a worker",
                                    problem.shard_sizes().size(), workers)});
  } else if (problem.samples() > 0) {
    check_empty_shards(scenario, problem, problems);
    if (scenario.balance.kind == "none") {
      check_batches(scenario, workers, problem, problems);
    } else {
      check_divided_batches(scenario, workers, problem, problems);
    }
  }
  check_compute_time(scenario, problem, problems);
  check_accuracy(scenario, problem, problems);
  return problems;
}

}  // namespace descent
