#include "sim/scenario/semantics.hpp"

#include "algorithms/collectives/schedule.hpp"
#include "algorithms/compression/compressors.hpp"
#include "algorithms/models/models.hpp"
#include "algorithms/strategies/strategy.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <string_view>
#include <utility>

namespace descent {
namespace {

/// Collects what is wrong with one scenario.
class Problems {
 public:
  explicit Problems(const Scenario& scenario) : file_(scenario.file.string()) {}
  void add(int line, std::string what) { found_.push_back({file_, line, std::move(what)}); }
  std::vector<Diagnostic> take() && { return std::move(found_); }

 private:
  std::string file_;
  std::vector<Diagnostic> found_;
};

bool has_role(const Scenario& scenario, std::string_view name) {
  return std::any_of(scenario.deployment.begin(), scenario.deployment.end(),
                     [&](const Role& role) { return role.name == name; });
}

void check_role(const Scenario& scenario, std::string_view role, std::size_t least, std::size_t most,
                Problems& problems) {
  const bool present = has_role(scenario, role);
  if (least > 0 && !present) {
    problems.add(scenario.deployment_line,
                 fmt::format("strategy '{0}' needs a {1}; add <role name=\"{1}\" hosts=\"...\"/>",
                             scenario.strategy.kind, role));
  } else if (most == 0 && present) {
    problems.add(scenario.deployment_line, fmt::format("strategy '{}' has no {}s", scenario.strategy.kind, role));
  }
}

void check_roles(const Scenario& scenario, Problems& problems) {
  const Roles& roles = find_strategy(scenario.strategy.kind).roles;
  check_role(scenario, "worker", roles.least_workers, roles.most_workers, problems);
  check_role(scenario, "server", roles.least_servers, roles.most_servers, problems);
}

void check_collective(const Scenario& scenario, Problems& problems) {
  const bool needed = find_strategy(scenario.strategy.kind).needs_collective;
  if (needed && !scenario.collective) {
    problems.add(scenario.strategy.line,
                 fmt::format("strategy '{}' needs an element <collective>", scenario.strategy.kind));
  } else if (!needed && scenario.collective) {
    problems.add(scenario.collective->line, fmt::format("strategy '{}' takes no <collective>", scenario.strategy.kind));
  }
}

void check_compression(const Scenario& scenario, Problems& problems) {
  if (!scenario.compression) {
    return;
  }
  const int line = scenario.compression->line;
  if (!find_strategy(scenario.strategy.kind).takes_compression) {
    problems.add(line, fmt::format("strategy '{}' takes no <compression>", scenario.strategy.kind));
  }
  if (scenario.collective && find_collective(scenario.collective->kind).native) {
    problems.add(line, fmt::format("collective '{}' sums vectors as they are; with <compression> choose another one",
                                   scenario.collective->kind));
  }
  const CompressorRow& row = find_compressor(scenario.compression->kind);
  for (const std::string& fault :
       row.faults ? row.faults(scenario.compression->settings) : std::vector<std::string>()) {
    problems.add(line, fmt::format("compression '{}' {}", scenario.compression->kind, fault));
  }
}

void check_failures(const Scenario& scenario, Problems& problems) {
  for (Diagnostic& problem : check_recovery(scenario)) {
    problems.add(problem.line, std::move(problem.what));
  }
}

void check_division(const Scenario& scenario, Problems& problems) {
  for (Diagnostic& problem : check_balance(scenario)) {
    problems.add(problem.line, std::move(problem.what));
  }
}

void check_batch(const Scenario& scenario, Problems& problems) {
  const bool full = find_strategy(scenario.strategy.kind).full_batch;
  const TrainingSettings& training = scenario.training;
  const int given = (training.batch ? 1 : 0) + (training.global_batch ? 1 : 0);
  if (full && given > 0) {
    problems.add(training.line, fmt::format("strategy '{}' uses the full batch: neither batch nor global-batch is "
                                            "allowed",
                                            scenario.strategy.kind));
  } else if (!full && given != 1) {
    problems.add(training.line, fmt::format("<training> needs exactly one of batch and global-batch; {} given",
                                            given == 0 ? "none is" : "both are"));
  }
}

void check_settings_together(const Scenario& scenario, Problems& problems) {
  const StrategyRow& row = find_strategy(scenario.strategy.kind);
  for (const std::string& fault :
       row.faults ? row.faults(scenario.strategy.settings, nullptr) : std::vector<std::string>()) {
    problems.add(scenario.strategy.line, fault);
  }
}

void check_data(const Scenario& scenario, Problems& problems) {
  const bool needs_data = find_model(scenario.model.kind).needs_data;
  if (needs_data && !scenario.data) {
    problems.add(scenario.model.line, fmt::format("model '{}' needs an element <data>", scenario.model.kind));
  } else if (!needs_data && scenario.data) {
    problems.add(scenario.data->line, fmt::format("model '{}' takes no <data>", scenario.model.kind));
  }
}

void check_cost(const Scenario& scenario, Problems& problems) {
  if (scenario.cost.compute_free && scenario.cost.flops_per_sample) {
    problems.add(scenario.cost.line, "<cost>: compute=\"free\" leaves flops-per-sample without effect");
  }
}

void check_stop(const Scenario& scenario, Problems& problems) {
  const StopSettings& stop = scenario.stop;
  if (!stop.iterations && !stop.epochs && !stop.samples && !stop.time_s && !stop.target_loss && !stop.target_accuracy) {
    problems.add(stop.line,
                 "<stop> needs at least one of iterations, epochs, samples, time, target-loss and "
                 "target-accuracy");
  }
}

void check_stop_has_data(const Scenario& scenario, Problems& problems) {
  if (find_model(scenario.model.kind).needs_data) {
    return;
  }
  for (const auto& [name, given] : {std::pair("epochs", scenario.stop.epochs.has_value()),
                                    std::pair("samples", scenario.stop.samples.has_value())}) {
    if (given) {
      problems.add(scenario.stop.line,
                   fmt::format("<stop> {}: model '{}' has no data to count", name, scenario.model.kind));
    }
  }
}

void check_math(const Scenario& scenario, Problems& problems) {
  if (!scenario.training.math && (scenario.stop.target_loss || scenario.stop.target_accuracy)) {
    problems.add(scenario.stop.line,
                 "<stop>: without mathematics (<training math=\"off\">) no target is ever met; "
                 "allowed: iterations, epochs, samples and time");
  }
}

void check_constraints(const Scenario& scenario, Problems& problems) {
  for (Diagnostic& problem : check_composite(scenario)) {
    problems.add(problem.line, std::move(problem.what));
  }
}

void check_fidelity(const Scenario& scenario, Problems& problems) {
  if (scenario.network.fidelity == "schedule" && scenario.network.model == "IB") {
    problems.add(scenario.network.line,
                 "<network>: fidelity=\"schedule\" knows the models CM02, LV08 and SMPI; with IB, "
                 "whose contention depends on all messages at once, use fidelity=\"message\"");
  }
}

void check_observe(const Scenario& scenario, Problems& problems) {
  const ObserveSettings& observe = scenario.observe;
  if (observe.every_iterations.has_value() == observe.every_s.has_value()) {
    problems.add(observe.line, fmt::format("<observe> needs exactly one of every and every-time; {} given",
                                           observe.every_s ? "both are" : "none is"));
  }
}

/// A check, and the elements that it reads.
struct Check {
  std::vector<std::string_view> reads;
  void (*run)(const Scenario&, Problems&);
};

}  // namespace

std::vector<Diagnostic> check_semantics(const Scenario& scenario, const std::set<std::string>& unsound) {
  static const std::vector<Check> checks{
      {{"strategy", "deployment"}, check_roles},
      {{"strategy"}, check_collective},
      {{"strategy"}, check_compression},
      {{"strategy", "recovery", "disturbances", "crash", "failures", "stop"}, check_failures},
      {{"strategy", "balance", "recovery", "compression", "cost", "model", "data", "network"}, check_division},
      {{"strategy", "training"}, check_batch},
      {{"strategy"}, check_settings_together},
      {{"model", "data"}, check_data},
      {{"cost"}, check_cost},
      {{"stop"}, check_stop},
      {{"model", "stop"}, check_stop_has_data},
      {{"training", "stop"}, check_math},
      {{"training", "optimizer", "constraint", "regularizer", "strategy", "compression"}, check_constraints},
      {{"network"}, check_fidelity},
      {{"observe"}, check_observe},
  };
  Problems problems(scenario);
  for (const Check& check : checks) {
    if (std::none_of(check.reads.begin(), check.reads.end(),
                     [&](std::string_view element) { return unsound.contains(std::string(element)); })) {
      check.run(scenario, problems);
    }
  }
  return std::move(problems).take();
}

}  // namespace descent
