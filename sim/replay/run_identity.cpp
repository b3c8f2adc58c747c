#include "sim/replay/run_identity.hpp"

#include "algorithms/catalogue.hpp"
#include "algorithms/collectives/collectives.hpp"
#include "algorithms/core/error.hpp"
#include "sim/scenario/load.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

namespace descent {
namespace {

/// A list of name=value, of those that are there.
class Description {
 public:
  explicit Description(std::string text = "") : text_(std::move(text)) {}

  template <class T>
  Description& add(std::string_view name, const T& value) {
    text_ += fmt::format("{}{}={}", text_.empty() ? "" : " ", name, value);
    return *this;
  }
  template <class T>
  Description& add(std::string_view name, const std::optional<T>& value) {
    return value ? add(name, *value) : *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string text_of(const Choice& choice) {
  Description text(choice.kind);
  for (const auto& [name, value] : choice.settings.values()) {
    text.add(name, value);
  }
  return text.text();
}

std::string text_of(const std::optional<Choice>& choice) {
  return choice ? text_of(*choice) : "none";
}

/// The same data may be elsewhere: paths do not count, but what was read from them.
std::string data_of(const PreparedRun& run) {
  const Problem& problem = *run.training.problem;
  Description text(run.scenario.data ? run.scenario.data->kind : "none");
  if (run.scenario.data) {
    for (const Parameter& parameter : find_entry(Section::data, run.scenario.data->kind)->parameters) {
      if (parameter.type != ParameterType::path && run.scenario.data->settings.has(parameter.name)) {
        text.add(parameter.name, run.scenario.data->settings.text(parameter.name));
      }
    }
  }
  text.add("training-samples", problem.samples()).add("shards", problem.shard_sizes().size());
  return text.add("partition", text_of(run.scenario.partition)).text();
}

std::string training_of(const Scenario& scenario) {
  const TrainingSettings& training = scenario.training;
  Description text;
  text.add("batch", training.batch).add("global-batch", training.global_batch);
  text.add("precision", training.precision == Precision::double_precision ? "double" : "single");
  text.add("math", training.math ? "on" : "off");
  text.add("optimizer", text_of(training.optimizer)).add("schedule", text_of(training.schedule));
  text.add("constraint", text_of(training.constraint)).add("regularizer", text_of(training.regularizer));
  return text.text();
}

std::string stop_of(const StopSettings& stop) {
  Description text;
  text.add("iterations", stop.iterations).add("epochs", stop.epochs).add("samples", stop.samples);
  text.add("time", stop.time_s).add("target-loss", stop.target_loss).add("target-accuracy", stop.target_accuracy);
  return text.text();
}

std::string recovery_of(const std::optional<RecoverySettings>& recovery) {
  if (!recovery) {
    return "none";
  }
  Description text;
  text.add("timeout", recovery->timeout_s).add("give-up", recovery->give_up_s);
  text.add("least-workers", recovery->least_workers).add("every", recovery->every_updates);
  return text.add("every-s", recovery->every_s).add("automatic", recovery->automatic).text();
}

std::string balance_of(const PreparedRun& run) {
  const BalanceSettings& balance = run.scenario.balance;
  Description text(balance.kind);
  if (run.training.division) {
    text.add("of", balance.of).add("every", balance.every).add("smoothing", balance.smoothing);
    text.add("batches", fmt::format("{}", run.training.division->batches));
    text.add("shards", fmt::format("{}", run.training.division->shards));
  }
  return text.text();
}

std::string ranks_of(const PreparedRun& run) {
  Description text;
  text.add("workers", run.cast.workers).add("servers", run.cast.servers);
  if (run.scenario.collective) {
    text.add("by-host", fmt::format("{}", nodes_of(run.plan)));
  }
  return text.text();
}

}  // namespace

RunIdentity run_identity(const PreparedRun& run) {
  const Scenario& scenario = run.scenario;
  Description model(text_of(scenario.model));
  model.add("parameters", run.training.problem->parameters()).add("parameter-bytes", run.training.parameter_bytes);
  return {{"seed", std::to_string(scenario.seed)},
          {"ranks", ranks_of(run)},
          {"strategy", text_of(scenario.strategy)},
          {"collective", text_of(scenario.collective)},
          {"compression", text_of(scenario.compression)},
          {"model", model.text()},
          {"data", data_of(run)},
          {"training", training_of(scenario)},
          {"recovery", recovery_of(scenario.recovery)},
          {"balance", balance_of(run)},
          {"stop", stop_of(scenario.stop)}};
}

void refuse_unrepeatable(const Scenario& scenario) {
  const auto refuse = [&](int line, const std::string& what) {
    throw InputError(to_string({scenario.file.string(), line, what}));
  };
  if (scenario.collective && find_collective(scenario.collective->kind).native) {
    refuse(scenario.collective->line,
           fmt::format("<collective> kind=\"{}\": MPI adds in an order of its own, which is not recorded; allowed with "
                       "--record and --replay: the other collectives",
                       scenario.collective->kind));
  }
  if (!scenario.failures.empty()) {
    refuse(
        scenario.failures.front().line,
        "<crash> and <failures>: the order of events is that of ranks that live; allowed with --record and --replay: "
        "scenarios without");
  }
  if (scenario.loses_messages()) {
    refuse(
        scenario.network.line,
        "disturbances that lose messages: what was received in the recording must arrive in the replay; allowed with "
        "--record and --replay: scenarios without");
  }
}

void refuse_other_run(const std::string& name, const RecordedOrder& order, const PreparedRun& run) {
  std::string differences;
  for (const auto& [part, here] : run_identity(run)) {
    const auto recorded = order.identity.find(part);
    if (recorded == order.identity.end() || recorded->second != here) {
      differences += fmt::format("\n  {}: recorded was '{}', here it is '{}'", part,
                                 recorded == order.identity.end() ? "" : recorded->second, here);
    }
  }
  if (differences.empty() && order.ranks.size() != run.plan.ranks.size()) {
    differences = fmt::format("\n  {} ranks were recorded, here are {}", order.ranks.size(), run.plan.ranks.size());
  }
  if (!differences.empty()) {
    throw InputError(
        fmt::format("{}: is the order of another run; allowed: one that differs from {} in its network and "
                    "timing alone:{}",
                    name, run.scenario.file.string(), differences));
  }
}

}  // namespace descent
