#include "sim/run/prepare.hpp"

#include "algorithms/compression/compressors.hpp"
#include "algorithms/core/error.hpp"
#include "algorithms/optimizers/optimizers.hpp"
#include "algorithms/optimizers/schedules.hpp"
#include "algorithms/strategies/problem_factory.hpp"
#include "sim/run/kernels.hpp"
#include "sim/scenario/load.hpp"
#include "sim/scenario/semantics.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <utility>

namespace descent {
namespace {

Composite make_composite(const TrainingSettings& training) {
  Composite composite;
  if (training.constraint) {
    composite.constraint = find_constraint(training.constraint->kind).make(training.constraint->settings);
  }
  if (training.regularizer) {
    composite.regularizer = find_regularizer(training.regularizer->kind).make(training.regularizer->settings);
  }
  return composite;
}

std::shared_ptr<const Problem> make_problem(const Scenario& scenario, const Composite& composite, std::size_t workers,
                                            Sharing* sharing) {
  ProblemParts parts;
  parts.precision = scenario.training.precision;
  parts.model = scenario.model.kind;
  parts.model_settings = scenario.model.settings;
  if (scenario.data) {
    parts.source = scenario.data->kind;
    parts.source_settings = scenario.data->settings;
    parts.partition = scenario.partition.kind;
    parts.partition_settings = scenario.partition.settings;
  }
  parts.composite = composite;
  parts.shards = scenario.shards.value_or(workers);
  parts.seed = scenario.seed;
  parts.loss_samples = scenario.observe.loss_samples;
  try {
    return make_problem(parts, sharing);
  } catch (const InputError& error) {
    const int line = scenario.data ? scenario.data->line : scenario.model.line;
    throw InputError(to_string({scenario.file.string(), line, error.what()}));
  }
}

StopRule make_stop_rule(const StopSettings& settings, const Problem& problem) {
  StopRule stop;
  stop.iterations = settings.iterations;
  stop.samples = settings.samples;
  if (settings.epochs) {
    const auto samples =
        static_cast<std::uint64_t>(std::llround(*settings.epochs * static_cast<double>(problem.samples())));
    stop.samples = std::min(samples, stop.samples.value_or(samples));
  }
  stop.time_s = settings.time_s;
  stop.target = settings.target_loss || settings.target_accuracy;
  return stop;
}

/// flop/s at which workers compute a gradient of the usual size while all do.
std::vector<double> gradient_speeds(const Plan& plan, const KernelNames& kernels, const Training& training) {
  std::vector<double> speeds = modelled_speeds(plan, "worker");
  const Work gradient{training.gradient_flops(training.batch_size()), 0, 1, WorkKind::gradient};
  for (std::size_t worker = 0; worker < speeds.size(); ++worker) {
    speeds[worker] /= charges_at_rates(plan.ranks[worker].host, kernels)(gradient).factor;
  }
  return speeds;
}

/// Who does how much of a round. Precondition: it has no fault.
void divide_work(const Scenario& scenario, const Plan& plan, std::size_t workers, Training& training) {
  const BalanceSettings& settings = scenario.balance;
  if (settings.kind == "none") {
    return;
  }
  training.balance.what = settings.of == "shards" ? Balanced::shards : Balanced::batches;
  training.balance.every = settings.every;
  training.balance.smoothing = settings.smoothing;
  // An adaptive division begins as that of equal workers.
  const std::vector<double> speeds = settings.kind == "static"
                                         ? gradient_speeds(plan, kernel_names(scenario, *training.problem), training)
                                         : std::vector<double>(workers, 1);
  const Load load{workers, workers * training.batch_size(), training.problem->shard_sizes()};
  training.division =
      std::make_shared<const Division>(divide(training.balance.what, load, equal_division(load), speeds));
}

/// Rates of independent failures add up.
double mtbf_of(const Scenario& scenario, const Placement& placement) {
  double rate = 0;
  for (const std::size_t i : placement.failures) {
    const FailureSettings& failures = scenario.failures[i];
    rate += failures.mtbf_s > 0 ? 1 / failures.mtbf_s : 0;
  }
  return 1 / rate;
}

Recovery recovery_of(const Scenario& scenario, const Plan& plan) {
  Recovery recovery;
  if (!scenario.recovery) {
    return recovery;
  }
  constexpr double kPatience = 100;
  const RecoverySettings& settings = *scenario.recovery;
  recovery.timeout_s = settings.timeout_s.value_or(never);
  recovery.give_up_s = settings.give_up_s.value_or(kPatience * recovery.timeout_s);
  recovery.least_members = settings.least_workers.value_or(1);
  recovery.every_updates = settings.every_updates;
  recovery.every_s = settings.every_s;
  recovery.automatic = settings.automatic;
  for (const Placement& placement : plan.ranks) {
    recovery.mtbf_s.push_back(mtbf_of(scenario, placement));
  }
  return recovery;
}

std::shared_ptr<const Compressor> compressor_of(const Scenario& scenario, const Cast& cast, const Problem& problem) {
  if (!scenario.compression) {
    return nullptr;
  }
  return make_compressor(scenario.compression->kind, {scenario.compression->settings, problem.tensors(),
                                                      static_cast<std::size_t>(cast.workers), scenario.seed});
}

}  // namespace

Training make_training(const Scenario& scenario, const Cast& cast, Sharing* sharing) {
  const auto workers = static_cast<std::size_t>(cast.workers);
  Training training;
  const Composite composite = make_composite(scenario.training);
  training.problem = make_problem(scenario, composite, workers, sharing);
  const bool split = find_strategy(scenario.strategy.kind).splits_composite;
  ParameterSpace space{.tensors = {}, .composite = split ? Composite() : composite};
  for (const Tensor& tensor : training.problem->tensors()) {
    space.tensors.push_back(tensor.size());
  }
  training.optimizer = make_optimizer(scenario.training.optimizer.kind, scenario.training.optimizer.settings, space);
  training.schedule = make_schedule(scenario.training.schedule.kind, scenario.training.schedule.settings, workers);
  training.learning_rate = scenario.training.optimizer.settings.real("learning-rate");
  training.batch = scenario.training.batch;
  if (scenario.training.global_batch) {
    training.batch = *scenario.training.global_batch / workers;
  }
  training.flops_per_sample = scenario.cost.flops_per_sample;
  training.compute_free = scenario.cost.compute_free;
  training.math = scenario.training.math;
  const Problem& problem = *training.problem;
  training.parameter_bytes = scenario.cost.parameter_bytes.value_or(
      static_cast<double>(problem.parameters() * bytes_per_element(problem.precision())));
  training.seed = scenario.seed;
  training.stop = make_stop_rule(scenario.stop, problem);
  return training;
}

PreparedRun prepare(Scenario scenario, Plan plan, Sharing* sharing) {
  PreparedRun run;
  run.cast = cast_of(plan);
  run.training = make_training(scenario, run.cast, sharing);
  std::string problems;
  for (const Diagnostic& problem : check_against_problem(scenario, plan, *run.training.problem)) {
    problems += (problems.empty() ? "" : "\n") + to_string(problem);
  }
  if (!problems.empty()) {
    throw InputError(problems);
  }
  divide_work(scenario, plan, static_cast<std::size_t>(run.cast.workers), run.training);
  StrategyParts parts{scenario.strategy.settings,
                      run.cast,
                      {},
                      scenario.seed,
                      compressor_of(scenario, run.cast, *run.training.problem),
                      make_composite(scenario.training),
                      recovery_of(scenario, plan)};
  if (scenario.collective) {
    const Choice& collective = *scenario.collective;
    parts.collective = CollectiveChoice{&find_collective(collective.kind), collective.settings, nodes_of(plan)};
  }
  try {
    run.strategy = find_strategy(scenario.strategy.kind).make(parts);
    const std::vector<std::string> faults = run.strategy->faults(*run.training.problem);
    if (!faults.empty()) {
      throw InputError(faults.front());
    }
  } catch (const InputError& error) {
    throw InputError(to_string({scenario.file.string(), scenario.strategy.line, error.what()}));
  }
  run.traces = load_traces(scenario, plan);
  run.scenario = std::move(scenario);
  run.plan = std::move(plan);
  return run;
}

void refuse_without_mathematics(const Scenario& scenario) {
  if (!scenario.training.math) {
    throw InputError(to_string({scenario.file.string(), scenario.training.line,
                                "<training> math=\"off\": real ranks have nothing to send without mathematics; "
                                "allowed over MPI: math=\"on\""}));
  }
}

void refuse_disturbed_network(const Scenario& scenario) {
  if (!scenario.link_changes.empty()) {
    throw InputError(to_string({scenario.file.string(), scenario.link_changes.front().line,
                                "<link-change>: links of a real network are not ours to change, and SMPI reads the "
                                "platform itself; allowed in simulation only"}));
  }
  const auto refuse = [&](const auto& elements, const char* name) {
    if (!elements.empty()) {
      throw InputError(to_string({scenario.file.string(), elements.front().line,
                                  fmt::format("<{}>: a real network loses what it loses, and SMPI loses nothing; "
                                              "allowed in simulation only",
                                              name)}));
    }
  };
  refuse(scenario.link_outages, "link-outage");
  refuse(scenario.network_partitions, "network-partition");
  refuse(scenario.message_losses, "message-loss");
  if (!scenario.jitters.empty()) {
    throw InputError(
        to_string({scenario.file.string(), scenario.jitters.front().distribution.line,
                   "<jitter>: a real network has its own, and SMPI has none; allowed in simulation only"}));
  }
}

void PreparedRun::run_rank(Communicator& communicator) const {
  const bool works = cast.is_worker(communicator.rank());
  Learner learner(training, communicator, works ? static_cast<std::size_t>(communicator.rank()) : 0,
                  works ? static_cast<std::size_t>(cast.workers) : 1);
  strategy->run(communicator, learner);
}

Charges PreparedRun::charges_of(std::size_t rank) const {
  const Slowdown chance(slowdowns_of(scenario, traces, plan, rank), scenario.seed, static_cast<int>(rank));
  return [chance, usual = charges_at_rates(plan.ranks[rank].host, kernel_names(scenario, *training.problem))](
             const Work& work) {
    Charge charge = chance(work.step);
    charge.factor *= usual(work).factor;
    return charge;
  };
}

}  // namespace descent
