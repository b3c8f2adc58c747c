#include "sim/scenario/reader.hpp"

#include "algorithms/catalogue.hpp"
#include "algorithms/optimizers/optimizers.hpp"
#include "sim/disturbance/distributions.hpp"
#include "sim/scenario/elements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <filesystem>
#include <utility>

namespace descent {
namespace {

std::optional<double> optional_real(const Settings& settings, std::string_view name) {
  return settings.has(name) ? std::optional(settings.real(name)) : std::nullopt;
}

std::optional<double> optional_quantity(const Settings& settings, std::string_view name) {
  return settings.has(name) ? std::optional(settings.quantity(name)) : std::nullopt;
}

template <class Count>
std::optional<Count> optional_count(const Settings& settings, std::string_view name) {
  return settings.has(name) ? std::optional(static_cast<Count>(settings.integer(name))) : std::nullopt;
}

/// Whether the schema requires this attribute.
bool is_required(const xmlNode* element, std::string_view attribute) {
  for (const ElementAttributes& row : element_attributes()) {
    for (const Parameter& parameter : row.attributes) {
      if (row.element == to_text(element->name) && parameter.name == attribute) {
        return !parameter.fallback;
      }
    }
  }
  return false;
}

class Reader {
 public:
  Reader(const Document& document, const std::filesystem::path& file, std::vector<Finding>& findings)
      : document_(document), directory_(file.parent_path()), findings_(findings) {}

  void read(Scenario& scenario) {
    const xmlNode* root = document_.root();
    read_root(root, scenario);
    read_if_there(root, "platform", [&](const xmlNode* element) { read_platform(element, scenario); });
    read_if_there(root, "network", [&](const xmlNode* element) { read_network(element, scenario.network); });
    read_if_there(root, "deployment", [&](const xmlNode* element) { read_deployment(element, scenario); });
    read_if_there(root, "data", [&](const xmlNode* element) { read_data(element, scenario); });
    read_if_there(root, "model", [&](const xmlNode* element) { read_model(element, scenario); });
    read_if_there(root, "training", [&](const xmlNode* element) { read_training(element, scenario.training); });
    read_if_there(root, "strategy", [&](const xmlNode* element) { read_strategy(element, scenario); });
    read_if_there(root, "disturbances", [&](const xmlNode* element) { read_disturbances(element, scenario); });
    read_if_there(root, "stop", [&](const xmlNode* element) { read_stop(element, scenario.stop); });
    read_if_there(root, "observe", [&](const xmlNode* element) { read_observe(element, scenario.observe); });
  }

 private:
  template <class Read>
  static void read_if_there(const xmlNode* parent, std::string_view name, const Read& read) {
    if (const xmlNode* element = child_of(parent, name)) {
      read(element);
    }
  }

  /// Attributes that the element table defines, checked; nothing when any of them is wrong.
  std::optional<Settings> check(const xmlNode* element) {
    return check(element, attributes_of_element(to_text(element->name)), attributes_of(element));
  }

  std::optional<Settings> check(const xmlNode* element, std::span<const Parameter> parameters,
                                const std::map<std::string, std::string>& given) {
    std::vector<Complaint> complaints;
    Settings settings = check_settings(parameters, given, complaints);
    for (const Complaint& complaint : complaints) {
      // The schema speaks of attributes that it requires itself.
      if (given.contains(complaint.parameter) || !is_required(element, complaint.parameter)) {
        findings_.push_back(
            {element, complaint.parameter, fmt::format("<{}>: {}", to_text(element->name), complaint.what)});
      }
    }
    return complaints.empty() ? std::optional(std::move(settings)) : std::nullopt;
  }

  /// A catalogue entry named by the attribute `key`; all attributes but this and those in `own` are its parameters.
  Choice choose(const xmlNode* element, Section section, const std::string& key, std::span<const Parameter> own = {}) {
    return choose(element, entries(section), key, own);
  }

  Choice choose(const xmlNode* element, const std::vector<const Entry*>& known, const std::string& key,
                std::span<const Parameter> own) {
    Choice choice;
    choice.line = document_.line_of(element);
    std::map<std::string, std::string> given = attributes_of(element);
    const auto named = given.extract(key);
    if (named.empty()) {
      return choice;  // The schema requires it.
    }
    choice.kind = named.mapped();
    for (const Parameter& parameter : own) {
      given.erase(parameter.name);
    }
    const auto entry = std::find_if(known.begin(), known.end(),
                                    [&](const Entry* candidate) { return candidate->name == choice.kind; });
    if (entry == known.end()) {
      unknown_entry(element, known, key, choice.kind);
      return choice;
    }
    choice.settings = check(element, (*entry)->parameters, given).value_or(Settings{});
    resolve_paths(**entry, choice.settings);
    return choice;
  }

  /// Those of the element's attributes that `own` lists, checked.
  std::optional<Settings> check_own(const xmlNode* element, std::span<const Parameter> own) {
    std::map<std::string, std::string> given;
    for (const Parameter& parameter : own) {
      if (const auto value = attribute_of(element, parameter.name)) {
        given[parameter.name] = *value;
      }
    }
    return check(element, own, given);
  }

  void unknown_entry(const xmlNode* element, const std::vector<const Entry*>& entries, const std::string& key,
                     const std::string& kind) {
    std::vector<std::string> known;
    known.reserve(entries.size());
    for (const Entry* entry : entries) {
      known.push_back(entry->name);
    }
    findings_.push_back({element, key,
                         fmt::format("<{}>: unknown {} '{}'{}; allowed: {}", to_text(element->name),
                                     key == "kind" ? to_text(element->name) : key, kind, did_you_mean(kind, known),
                                     fmt::join(known, ", "))});
  }

  /// Paths in a scenario are relative to its file.
  void resolve_paths(const Entry& entry, Settings& settings) const {
    std::map<std::string, std::string> values = settings.values();
    for (const Parameter& parameter : entry.parameters) {
      const auto value = values.find(parameter.name);
      if (parameter.type == ParameterType::path && value != values.end() && !value->second.empty()) {
        value->second = resolve(value->second).string();
      }
    }
    settings = Settings(std::move(values));
  }

  std::filesystem::path resolve(const std::string& path) const { return (directory_ / path).lexically_normal(); }

  /// The entry's defaults for an element that is not there.
  static Choice default_choice(Section section, const std::string& kind, int line,
                               const std::map<std::string, std::string>& given = {}) {
    std::vector<Complaint> complaints;
    const Entry* entry = find_entry(section, kind);
    return {kind, entry ? check_settings(entry->parameters, given, complaints) : Settings{}, line};
  }

  static Choice default_schedule(const Choice& optimizer, int line) {
    const bool known = find_entry(Section::optimizer, optimizer.kind) != nullptr;
    const DefaultSchedule schedule = known ? find_optimizer(optimizer.kind).schedule : DefaultSchedule();
    return default_choice(Section::schedule, schedule.kind, line, schedule.parameters);
  }

  void read_root(const xmlNode* element, Scenario& scenario) {
    if (const auto settings = check(element)) {
      scenario.version = settings->text("version");
      scenario.name = settings->text("name");
      scenario.seed = settings->integer("seed");
    }
  }

  void read_platform(const xmlNode* element, Scenario& scenario) {
    scenario.platform_line = document_.line_of(element);
    if (const auto settings = check(element)) {
      scenario.platform = resolve(settings->text("file"));
    }
  }

  void read_network(const xmlNode* element, NetworkSettings& network) {
    network.line = document_.line_of(element);
    if (const auto settings = check(element)) {
      network.model = settings->text("model");
      network.crosstraffic = settings->text("crosstraffic") == "yes";
      network.tcp_gamma = settings->quantity("tcp-gamma");
      network.latency_factor = optional_real(*settings, "latency-factor");
      network.bandwidth_factor = optional_real(*settings, "bandwidth-factor");
      network.fidelity = settings->text("fidelity");
    }
  }

  void read_deployment(const xmlNode* element, Scenario& scenario) {
    scenario.deployment_line = document_.line_of(element);
    check(element);
    for (const xmlNode* child : children_of(element, "role")) {
      if (const auto settings = check(child)) {
        scenario.deployment.push_back({settings->text("name"), settings->text("hosts"),
                                       optional_count<std::size_t>(*settings, "count"), document_.line_of(child)});
      }
    }
  }

  void read_data(const xmlNode* element, Scenario& scenario) {
    scenario.data = choose(element, Section::data, "source");
    const xmlNode* partition = child_of(element, "partition");
    if (!partition) {
      scenario.partition = default_choice(Section::partition, "iid", scenario.data->line);
      return;
    }
    const std::span<const Parameter> own = attributes_of_element("partition");
    scenario.partition = choose(partition, Section::partition, "kind", own);
    if (const auto settings = check_own(partition, own)) {
      scenario.shards = optional_count<std::size_t>(*settings, "shards");
    }
  }

  void read_model(const xmlNode* element, Scenario& scenario) {
    scenario.model = choose(element, Section::model, "kind");
    scenario.cost.line = scenario.model.line;
    if (const xmlNode* cost = child_of(element, "cost")) {
      scenario.cost.line = document_.line_of(cost);
      if (const auto settings = check(cost)) {
        scenario.cost.flops_per_sample = optional_quantity(*settings, "flops-per-sample");
        scenario.cost.parameter_bytes = optional_quantity(*settings, "parameter-bytes");
        scenario.cost.compute_free = settings->text("compute") == "free";
      }
    }
  }

  void read_training(const xmlNode* element, TrainingSettings& training) {
    training.line = document_.line_of(element);
    if (const auto settings = check(element)) {
      training.batch = optional_count<std::size_t>(*settings, "batch");
      training.global_batch = optional_count<std::size_t>(*settings, "global-batch");
      training.precision =
          settings->text("precision") == "double" ? Precision::double_precision : Precision::single_precision;
      training.math = settings->text("math") == "on";
    }
    read_if_there(element, "optimizer", [&](const xmlNode* optimizer) {
      training.optimizer = choose(optimizer, Section::optimizer, "kind");
    });
    training.schedule = default_schedule(training.optimizer, training.line);
    read_if_there(element, "schedule",
                  [&](const xmlNode* schedule) { training.schedule = choose(schedule, Section::schedule, "kind"); });
    read_if_there(element, "constraint", [&](const xmlNode* constraint) {
      training.constraint = choose(constraint, Section::constraint, "kind");
    });
    read_if_there(element, "regularizer", [&](const xmlNode* regularizer) {
      training.regularizer = choose(regularizer, Section::regularizer, "kind");
    });
  }

  void read_strategy(const xmlNode* element, Scenario& scenario) {
    scenario.strategy = choose(element, Section::strategy, "kind");
    read_if_there(element, "collective", [&](const xmlNode* collective) {
      scenario.collective = choose(collective, Section::collective, "kind");
    });
    read_if_there(element, "compression", [&](const xmlNode* compression) {
      scenario.compression = choose(compression, Section::compression, "kind");
    });
    read_if_there(element, "recovery", [&](const xmlNode* recovery) { read_recovery(recovery, scenario); });
    read_if_there(element, "balance", [&](const xmlNode* balance) { read_balance(balance, scenario.balance); });
  }

  void read_balance(const xmlNode* element, BalanceSettings& balance) {
    balance.line = document_.line_of(element);
    const auto settings = check(element);
    if (!settings) {
      return;
    }
    balance.kind = settings->text("kind");
    balance.of = settings->text("of");
    if (balance.kind == "adaptive") {
      constexpr std::uint64_t kUpdates = 10;
      constexpr double kSmoothing = 0.2;
      balance.every = optional_count<std::uint64_t>(*settings, "every").value_or(kUpdates);
      balance.smoothing = optional_real(*settings, "smoothing").value_or(kSmoothing);
      return;
    }
    for (const char* name : {"every", "smoothing"}) {
      if (settings->has(name)) {
        findings_.push_back({element, name, fmt::format("<balance> {}: only kind=\"adaptive\" has it", name)});
      }
    }
  }

  void read_recovery(const xmlNode* element, Scenario& scenario) {
    const auto settings = check(element);
    if (!settings) {
      return;
    }
    RecoverySettings recovery;
    recovery.timeout_s = optional_quantity(*settings, "timeout");
    recovery.give_up_s = optional_quantity(*settings, "give-up");
    recovery.least_workers = optional_count<std::size_t>(*settings, "least-workers");
    recovery.automatic = settings->has("checkpoint");
    recovery.every_updates = optional_count<std::uint64_t>(*settings, "checkpoint-every");
    recovery.every_s = optional_quantity(*settings, "checkpoint-time");
    recovery.write_bps = settings->quantity("write");
    recovery.read_bps = settings->quantity("read");
    recovery.latency_s = settings->quantity("latency");
    recovery.line = document_.line_of(element);
    scenario.recovery = recovery;
  }

  void read_crash(const xmlNode* element, Scenario& scenario) {
    const auto settings = check(element);
    if (!settings) {
      return;
    }
    FailureSettings crash;
    crash.hosts = settings->text("hosts");
    crash.at_s = optional_quantity(*settings, "at");
    crash.at_step = optional_count<std::uint64_t>(*settings, "at-step");
    crash.repair_s = optional_quantity(*settings, "repair").value_or(crash.repair_s);
    crash.line = document_.line_of(element);
    if (crash.at_s.has_value() == crash.at_step.has_value()) {
      findings_.push_back(
          {element, "at",
           fmt::format("<crash> needs exactly one of at and at-step; {} given", crash.at_s ? "both are" : "none is")});
    }
    scenario.failures.push_back(crash);
  }

  void read_failures(const xmlNode* element, Scenario& scenario) {
    const auto settings = check(element);
    if (!settings) {
      return;
    }
    FailureSettings failures;
    failures.hosts = settings->text("hosts");
    failures.mtbf_s = settings->quantity("mtbf");
    failures.repair_s = settings->quantity("mttr");
    failures.shape = settings->real("shape");
    failures.line = document_.line_of(element);
    scenario.failures.push_back(failures);
  }

  void read_disturbances(const xmlNode* element, Scenario& scenario) {
    check(element);
    for (const xmlNode* child : children_of(element, "crash")) {
      read_crash(child, scenario);
    }
    for (const xmlNode* child : children_of(element, "failures")) {
      read_failures(child, scenario);
    }
    for (const xmlNode* child : children_of(element, "host-speed")) {
      if (const auto settings = check(child)) {
        scenario.host_speeds.push_back({settings->text("hosts"), settings->real("factor"), document_.line_of(child)});
      }
    }
    for (const xmlNode* child : children_of(element, "slowdown")) {
      read_slowdown(child, scenario);
    }
    for (const xmlNode* child : children_of(element, "slow-period")) {
      read_slow_period(child, scenario);
    }
    for (const xmlNode* child : children_of(element, "link-change")) {
      read_link_change(child, scenario);
    }
    for (const xmlNode* child : children_of(element, "jitter")) {
      read_jitter(child, scenario);
    }
    read_network_faults(element, scenario);
  }

  /// A distribution and the element's own attributes; nothing when any of them is wrong.
  std::optional<std::pair<Choice, Settings>> read_random(const xmlNode* element,
                                                         const std::vector<const Entry*>& distributions) {
    const std::string name = to_text(element->name);
    const std::span<const Parameter> own = attributes_of_element(name);
    const std::size_t findings_before = findings_.size();
    Choice distribution = choose(element, distributions, "distribution", own);
    auto settings = check_own(element, own);
    if (distribution.kind.empty() || findings_.size() > findings_before) {
      return std::nullopt;
    }
    const DistributionRow& row = find_distribution(distribution.kind);
    if (const std::string fault = row.fault ? row.fault(distribution.settings) : ""; !fault.empty()) {
      findings_.push_back({element, fault.substr(0, fault.find('=')), fmt::format("<{}>: {}", name, fault)});
      return std::nullopt;
    }
    return std::pair(std::move(distribution), *std::move(settings));
  }

  void read_slowdown(const xmlNode* element, Scenario& scenario) {
    if (const auto read = read_random(element, slowdown_entries())) {
      const auto& [distribution, settings] = *read;
      scenario.slowdowns.push_back({settings.text("hosts"), distribution, settings.text("shared") == "yes"});
    }
  }

  void read_jitter(const xmlNode* element, Scenario& scenario) {
    if (const auto read = read_random(element, jitter_entries())) {
      const auto& [distribution, settings] = *read;
      scenario.jitters.push_back({settings.text("from"), settings.text("to"), distribution});
    }
  }

  /// Its start is before its end; else a finding.
  Period read_period(const xmlNode* element, const Settings& settings) {
    Period period;
    period.start = settings.quantity("start");
    period.end = optional_quantity(settings, "end").value_or(period.end);
    if (period.end <= period.start) {
      findings_.push_back({element, "end",
                           fmt::format("<{}>: end='{}' is not after start='{}'; allowed: a later end, or none",
                                       to_text(element->name), settings.text("end"), settings.text("start"))});
    }
    return period;
  }

  void read_slow_period(const xmlNode* element, Scenario& scenario) {
    if (const auto settings = check(element)) {
      Period period = read_period(element, *settings);
      period.factor = settings->real("factor");
      scenario.slow_periods.push_back({settings->text("hosts"), period, document_.line_of(element)});
    }
  }

  void read_link_change(const xmlNode* element, Scenario& scenario) {
    const auto settings = check(element);
    if (!settings) {
      return;
    }
    const auto bandwidth = optional_real(*settings, "bandwidth-factor");
    const auto latency = optional_real(*settings, "latency-factor");
    if (!bandwidth && !latency) {
      findings_.push_back({element, "", "<link-change> needs at least one of bandwidth-factor and latency-factor"});
    }
    scenario.link_changes.push_back({settings->text("links"), read_period(element, *settings), bandwidth.value_or(1),
                                     latency.value_or(1), document_.line_of(element)});
  }

  void read_network_faults(const xmlNode* element, Scenario& scenario) {
    for (const xmlNode* child : children_of(element, "link-outage")) {
      if (const auto settings = check(child)) {
        scenario.link_outages.push_back(
            {settings->text("links"), read_period(child, *settings), document_.line_of(child)});
      }
    }
    for (const xmlNode* child : children_of(element, "network-partition")) {
      if (const auto settings = check(child)) {
        scenario.network_partitions.push_back(
            {settings->text("hosts"), read_period(child, *settings), document_.line_of(child)});
      }
    }
    for (const xmlNode* child : children_of(element, "message-loss")) {
      if (const auto settings = check(child)) {
        scenario.message_losses.push_back({settings->text("from"), settings->text("to"), settings->real("probability"),
                                           read_period(child, *settings), document_.line_of(child)});
      }
    }
  }

  void read_stop(const xmlNode* element, StopSettings& stop) {
    stop.line = document_.line_of(element);
    if (const auto settings = check(element)) {
      stop.iterations = optional_count<std::uint64_t>(*settings, "iterations");
      stop.epochs = optional_real(*settings, "epochs");
      stop.samples = optional_count<std::uint64_t>(*settings, "samples");
      stop.time_s = optional_quantity(*settings, "time");
      stop.target_loss = optional_real(*settings, "target-loss");
      stop.target_accuracy = optional_real(*settings, "target-accuracy");
    }
  }

  void read_observe(const xmlNode* element, ObserveSettings& observe) {
    observe.line = document_.line_of(element);
    if (const auto settings = check(element)) {
      observe.every_iterations = optional_count<std::uint64_t>(*settings, "every");
      observe.every_s = optional_quantity(*settings, "every-time");
      observe.loss_samples = optional_count<std::size_t>(*settings, "loss-samples");
    }
  }

  const Document& document_;
  std::filesystem::path directory_;
  std::vector<Finding>& findings_;
};

}  // namespace

Scenario read_scenario(const Document& document, std::vector<Finding>& findings) {
  Scenario scenario;
  scenario.file = document.file();
  Reader(document, scenario.file, findings).read(scenario);
  return scenario;
}

}  // namespace descent
