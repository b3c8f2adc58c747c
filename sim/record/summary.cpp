#include "sim/record/results.hpp"

#include "algorithms/core/units.hpp"
#include "sim/record/provenance.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

namespace descent {
namespace {

using nlohmann::ordered_json;

template <class T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

/// JSON knows no NaN and no infinity: a diverged run has no loss.
ordered_json finite_or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? ordered_json(*value) : ordered_json(nullptr);
}

std::uint64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// What the rank that leads has recorded: one that reported update times, or, where others have led after it, all of
/// them together; of replicas the first that has come to its end.
RankRecord lead_of(const RunResult& result) {
  RankRecord lead = result.ranks.front();
  bool led = false;
  for (const RankRecord& rank : result.ranks) {
    if (rank.update_times.empty() || (rank.replica && (led || !rank.ended))) {
      continue;
    }
    if (!std::exchange(led, true)) {
      lead = rank;
      continue;
    }
    lead.update_times.insert(lead.update_times.end(), rank.update_times.begin(), rank.update_times.end());
    for (const auto& [staleness, gradients] : rank.staleness) {
      lead.staleness[staleness] += gradients;
    }
    if (rank.iterations > lead.iterations) {
      lead.iterations = rank.iterations;
      lead.samples = rank.samples;
    }
  }
  std::sort(lead.update_times.begin(), lead.update_times.end());
  return lead;
}

ordered_json iteration_times(const std::vector<double>& update_times) {
  std::vector<double> durations;
  double before = 0;
  for (const double time : update_times) {
    durations.push_back(time - before);
    before = time;
  }
  if (durations.empty()) {
    return {{"mean", nullptr}, {"p50", nullptr}, {"p95", nullptr}};
  }
  const double mean = before / static_cast<double>(durations.size());
  std::sort(durations.begin(), durations.end());
  const auto quantile = [&](double q) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(durations.size())));
    return durations[std::max<std::size_t>(rank, 1) - 1];
  };
  return {{"mean", mean}, {"p50", quantile(0.50)}, {"p95", quantile(0.95)}};
}

ordered_json collective_times(const Durations& durations) {
  return {{"mean", durations.mean()},
          {"p50", durations.quantile(0.50)},
          {"p95", durations.quantile(0.95)},
          {"count", durations.count()}};
}

ordered_json staleness(const std::map<std::uint64_t, std::uint64_t>& histogram) {
  double sum = 0;
  double count = 0;
  // Appended as they come: a look-up in an object of ordered JSON goes through all of it.
  ordered_json::object_t bins;
  for (const auto& [value, times] : histogram) {
    sum += static_cast<double>(value) * static_cast<double>(times);
    count += static_cast<double>(times);
    bins.emplace_back(std::to_string(value), times);
  }
  if (histogram.empty()) {
    return {{"mean", nullptr}, {"max", nullptr}, {"histogram", bins}};
  }
  return {{"mean", sum / count}, {"max", histogram.rbegin()->first}, {"histogram", bins}};
}

ordered_json to_json(const Utilization& use) {
  ordered_json json = {{"compute", use.compute}, {"communication", use.communication}, {"idle", use.idle}};
  if (use.down > 0) {
    json["down"] = use.down;
  }
  return json;
}

}  // namespace

Utilization utilization(const RankRecord& rank, double time_s) {
  if (time_s <= 0) {
    return {0, 0, 1, 0};
  }
  Utilization use{rank.compute_s / time_s, rank.communicate_s / time_s, 0, rank.down_s / time_s};
  use.idle = 1 - use.compute - use.communication - use.down;
  return use;
}

ordered_json summarize(const Scenario& scenario, const RunResult& result) {
  const RankRecord lead = lead_of(result);
  const bool observed = !result.observations.empty();
  const Observation last = observed ? result.observations.back() : Observation{};
  Utilization mean;
  ordered_json per_rank = ordered_json::array();
  std::uint64_t bytes = 0;
  std::uint64_t messages = 0;
  std::uint64_t wasted = 0;
  std::uint64_t deaths = 0;
  std::uint64_t recoveries = 0;
  double down = 0;
  double lost = 0;
  std::uint64_t samples = lead.replica ? 0 : lead.samples;
  std::size_t workers = 0;
  for (const RankRecord& rank : result.ranks) {
    const Utilization use = utilization(rank, result.time_s);
    const auto share = static_cast<double>(result.ranks.size());
    mean.compute += use.compute / share;
    mean.communication += use.communication / share;
    mean.idle += use.idle / share;
    mean.down += use.down / share;
    bytes += rank.bytes_sent;
    messages += rank.messages_sent;
    wasted += rank.gradients_wasted;
    deaths += rank.deaths;
    recoveries += rank.recoveries;
    down += rank.down_s;
    lost += rank.work_lost_s;
    samples += lead.replica ? rank.samples : 0;
    workers += rank.role == "worker" ? 1 : 0;
    per_rank.push_back({{"rank", rank.rank},
                        {"role", rank.role},
                        {"host", rank.host},
                        {"bytes_sent", rank.bytes_sent},
                        {"messages_sent", rank.messages_sent},
                        {"utilization", to_json(use)}});
    if (rank.deaths > 0) {
      per_rank.back()["deaths"] = rank.deaths;
      per_rank.back()["downtime_s"] = rank.down_s;
      per_rank.back()["work_lost_s"] = rank.work_lost_s;
    }
  }
  const auto epochs = result.training_samples > 0
                          ? std::optional(static_cast<double>(samples) / static_cast<double>(result.training_samples))
                          : std::nullopt;
  const Provenance program = provenance();
  ordered_json summary;
  summary["scenario"] = scenario.name;
  summary["version"] = program.version;
  summary["backend"] = result.backend;
  summary["strategy"] = scenario.strategy.kind;
  summary["workers"] = workers;
  summary["ranks"] = result.ranks.size();
  summary["seed"] = scenario.seed;
  summary["network_model"] = result.network_model;
  // Over MPI every message is sent, whatever the scenario says of simulation.
  summary["fidelity"] = result.backend == "simgrid" ? scenario.network.fidelity : "message";
  summary["math"] = scenario.training.math ? "on" : "off";
  if (result.replayed) {
    summary["replayed"] = *result.replayed;
  }
  summary["time_s"] = result.time_s;
  summary["wall_s"] = result.wall_s;
  summary["iterations"] = lead.iterations;
  summary["samples"] = samples;
  summary["epochs"] = or_null(epochs);
  summary["loss"] = finite_or_null(last.loss);
  summary["test_loss"] = finite_or_null(last.test_loss);
  summary["test_accuracy"] = finite_or_null(last.test_accuracy);
  if (last.consensus_distance) {
    summary["consensus_distance"] = finite_or_null(last.consensus_distance);
  }
  if (last.optimality) {
    summary["constraint_violation"] = finite_or_null(last.optimality->violation);
    summary["kkt_residual"] = finite_or_null(last.optimality->residual);
    if (last.optimality->gap) {
      summary["duality_gap"] = finite_or_null(last.optimality->gap);
    }
  }
  summary["time_to_target_s"] = or_null(result.time_to_target_s);
  summary["bytes_sent"] = bytes;
  summary["messages_sent"] = messages;
  if (result.messages_lost) {
    summary["messages_lost"] = *result.messages_lost;
  }
  summary["iteration_time_s"] = iteration_times(lead.update_times);
  if (result.collectives.count() > 0) {
    summary["collective_time_s"] = collective_times(result.collectives);
  }
  summary["staleness"] = staleness(lead.staleness);
  summary["gradients_wasted"] = wasted;
  if (deaths > 0 || recoveries > 0) {
    summary["deaths"] = deaths;
    summary["recoveries"] = recoveries;
    summary["downtime_s"] = down;
    summary["work_lost_s"] = lost;
  }
  summary["utilization"] = to_json(mean);
  summary["memory_peak_bytes"] = peak_memory_bytes();
  summary["race_free"] = race_free(scenario);
  summary["parameters_digest"] =
      result.parameters_digest.empty() ? ordered_json(nullptr) : ordered_json(result.parameters_digest);
  summary["host"] = program.host;
  summary["git_revision"] = program.git_revision;
  summary["build"] = program.build;
  summary["per_rank"] = per_rank;
  return summary;
}

std::string result_table(const ordered_json& summary) {
  std::string text;
  const auto row = [&](std::string_view name, const std::string& value) {
    text += fmt::format("  {:<14} {}\n", name, value);
  };
  const auto number = [](const ordered_json& value, std::string_view unit = "") {
    return value.is_null() ? std::string("–") : fmt::format("{:.6g}{}", value.get<double>(), unit);
  };
  const auto seconds = [](const ordered_json& value) {
    return value.is_null() ? std::string("–") : format_seconds(value.get<double>());
  };
  const auto& use = summary["utilization"];
  const auto& iteration = summary["iteration_time_s"];
  row("strategy",
      fmt::format("{}, {} workers, {} ranks, seed {}", summary["strategy"].get<std::string>(),
                  summary["workers"].get<int>(), summary["ranks"].get<int>(), summary["seed"].get<std::uint64_t>()));
  row("network",
      fmt::format("{} ({}{})", summary["network_model"].get<std::string>(), summary["backend"].get<std::string>(),
                  summary["fidelity"] == "schedule" ? ", collectives as schedules" : ""));
  row("time", fmt::format("{} {}, computed in {}", seconds(summary["time_s"]),
                          summary["backend"] == "mpi" ? "real" : "simulated", seconds(summary["wall_s"])));
  if (summary.contains("replayed")) {
    row("order", fmt::format("of {}: its times are no prediction", summary["replayed"].get<std::string>()));
  }
  row("progress",
      fmt::format("{} iterations, {} samples{}", summary["iterations"].get<std::uint64_t>(),
                  summary["samples"].get<std::uint64_t>(),
                  summary["epochs"].is_null() ? "" : fmt::format(", {:.4g} epochs", summary["epochs"].get<double>())));
  row("iteration", fmt::format("mean {}, median {}, 95 % {}", seconds(iteration["mean"]), seconds(iteration["p50"]),
                               seconds(iteration["p95"])));
  if (summary.contains("collective_time_s")) {
    const auto& collective = summary["collective_time_s"];
    row("collective", fmt::format("mean {}, median {}, 95 % {}", seconds(collective["mean"]),
                                  seconds(collective["p50"]), seconds(collective["p95"])));
  }
  const bool computes = summary["math"] == "on";
  row("loss", !computes                   ? "– (math=\"off\": nothing was computed)"
              : summary["loss"].is_null() ? "diverged (not finite)"
                                          : number(summary["loss"]));
  if (!summary["test_loss"].is_null()) {
    row("test loss", number(summary["test_loss"]));
  }
  if (!summary["test_accuracy"].is_null()) {
    row("test accuracy", fmt::format("{:.2f} %", 100 * summary["test_accuracy"].get<double>()));
  }
  if (summary.contains("kkt_residual")) {
    row("optimality",
        fmt::format(
            "violation {}, KKT residual {}{}", number(summary["constraint_violation"]), number(summary["kkt_residual"]),
            summary.contains("duality_gap") ? fmt::format(", duality gap {}", number(summary["duality_gap"])) : ""));
  }
  if (!summary["time_to_target_s"].is_null()) {
    row("target met at", seconds(summary["time_to_target_s"]));
  }
  row("sent", fmt::format("{} in {} messages", format_bytes(summary["bytes_sent"].get<double>()),
                          summary["messages_sent"].get<std::uint64_t>()));
  if (summary.contains("messages_lost")) {
    row("lost", fmt::format("{} messages", summary["messages_lost"].get<std::uint64_t>()));
  }
  row("staleness",
      fmt::format("mean {}, max {}", number(summary["staleness"]["mean"]), number(summary["staleness"]["max"])));
  row("utilization",
      fmt::format("compute {:.1f} %, communication {:.1f} %, idle {:.1f} %", 100 * use["compute"].get<double>(),
                  100 * use["communication"].get<double>(), 100 * use["idle"].get<double>()));
  if (summary.contains("deaths")) {
    row("failures",
        fmt::format("{} deaths, {} recoveries, down {}, work lost {}", summary["deaths"].get<int>(),
                    summary["recoveries"].get<int>(), seconds(summary["downtime_s"]), seconds(summary["work_lost_s"])));
  }
  if (computes) {
    row("parameters", summary["parameters_digest"].get<std::string>());
  }
  return text;
}

}  // namespace descent
