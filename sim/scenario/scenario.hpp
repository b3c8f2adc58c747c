#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/math/vector.hpp"
#include "sim/disturbance/course.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// A named choice from the catalogue with its parameters checked: `<model kind="mlp" hidden="256"/>`.
struct Choice {
  std::string kind;
  Settings settings;
  int line = 0;
};

struct Role {
  std::string name;
  /// Host patterns: see match_hosts.
  std::string hosts;
  /// Ranks of this role, dealt out over the hosts in turn; one per host when absent.
  std::optional<std::size_t> count;
  int line = 0;
};

/// SimGrid's network model, always stated: SimGrid's own default is not neutral.
struct NetworkSettings {
  /// CM02, LV08, SMPI or IB (SimGrid's `network/model`).
  std::string model;
  /// Acknowledgements charge the reverse path (SimGrid's `network/crosstraffic`).
  bool crosstraffic = false;
  /// A flow is capped at this many bytes / (2 · latency) (SimGrid's `network/TCP-gamma`); 0: no cap.
  double tcp_gamma = 0;
  /// Instead of the model's own factors, where given.
  std::optional<double> latency_factor;
  std::optional<double> bandwidth_factor;
  /// "message": every message is an event of the network model. "schedule": a collective's times are computed as a
  /// whole.
  std::string fidelity;
  int line = 0;
};

/// Times the model as another one than it computes.
struct CostSettings {
  std::optional<double> flops_per_sample;
  /// Bytes of a whole parameter vector on the wire.
  std::optional<double> parameter_bytes;
  /// Computation takes no time, on purpose.
  bool compute_free = false;
  int line = 0;
};

struct TrainingSettings {
  /// Samples per gradient of one worker, or of all workers together: exactly one is given. Absent for
  /// strategies that use the full batch.
  std::optional<std::size_t> batch;
  std::optional<std::size_t> global_batch;
  Precision precision = Precision::single_precision;
  /// False: no gradient is computed, only its time passes.
  bool math = true;
  Choice optimizer;
  Choice schedule;
  std::optional<Choice> constraint;
  std::optional<Choice> regularizer;
  int line = 0;
};

/// Every computation on these hosts runs at `factor` times the platform's speed.
struct HostSpeed {
  std::string hosts;
  double factor = 1;
  int line = 0;
};

/// Every training step on these hosts takes a random multiple of its time.
struct SlowdownSettings {
  std::string hosts;
  /// Of the multiple: a row of distribution_rows.
  Choice distribution;
  /// One draw a step for all of the hosts.
  bool shared = false;

  int line() const { return distribution.line; }
  /// A trace of step times themselves, of which a host can have one.
  bool tells_seconds() const { return distribution.kind == "trace" && distribution.settings.text("unit") == "seconds"; }
};

/// While the period holds, the hosts run at `factor` times their speed.
struct SlowPeriod {
  std::string hosts;
  Period period;
  int line = 0;
};

/// While the period holds, the links have so many times their bandwidth and latency.
struct LinkChange {
  /// Patterns as of hosts.
  std::string links;
  /// Of no factor of its own.
  Period period;
  double bandwidth_factor = 1;
  double latency_factor = 1;
  int line = 0;
};

/// These hosts go off, once at a time or at random, and come back after a while: <crash> and <failures>.
struct FailureSettings {
  std::string hosts;
  /// In seconds. Either at this time,
  std::optional<double> at_s;
  /// or when the first rank there begins this training step (from 0), once,
  std::optional<std::uint64_t> at_step;
  /// or at random, with this mean time between the end of one and the next; Weibull of this shape, 1: exponential.
  double mtbf_s = 0;
  double shape = 1;
  /// Until they are back: of random ones the mean of an exponential time, else the time itself. Infinite: never.
  double repair_s = std::numeric_limits<double>::infinity();
  int line = 0;
};

/// What ranks do about failures: <recovery>. Times in seconds.
struct RecoverySettings {
  std::optional<double> timeout_s;
  std::optional<double> give_up_s;
  std::optional<std::size_t> least_workers;
  std::optional<std::uint64_t> every_updates;
  std::optional<double> every_s;
  bool automatic = false;
  /// Durable memory: bytes/s, and seconds that each access takes besides.
  double write_bps = 0;
  double read_bps = 0;
  double latency_s = 0;
  int line = 0;
};

/// Every message from these hosts to those starts later by a random time.
struct JitterSettings {
  std::string from;
  std::string to;
  /// In seconds: a row of distribution_rows.
  Choice distribution;
};

/// While the period holds, the links carry nothing.
struct LinkOutage {
  /// Patterns as of hosts.
  std::string links;
  Period period;
  int line = 0;
};

/// While the period holds, these hosts and all others do not reach each other.
struct NetworkPartition {
  std::string hosts;
  Period period;
  int line = 0;
};

/// While the period holds, each message from these hosts to those is lost with this probability.
struct MessageLoss {
  std::string from;
  std::string to;
  double probability = 0;
  Period period;
  int line = 0;
};

/// How work is divided over workers of different speed: <balance>.
struct BalanceSettings {
  /// "none"; "static": by the platform's speeds; "adaptive": by what workers measure.
  std::string kind = "none";
  /// "batches" or "shards".
  std::string of = "batches";
  /// Of an adaptive one: updates between two divisions, and what the newest measurement weighs.
  std::uint64_t every = 0;
  double smoothing = 1;
  int line = 0;
};

/// The run ends at the first of those that are given.
struct StopSettings {
  std::optional<std::uint64_t> iterations;
  std::optional<double> epochs;
  std::optional<std::uint64_t> samples;
  std::optional<double> time_s;
  std::optional<double> target_loss;
  std::optional<double> target_accuracy;
  int line = 0;
};

/// Evaluate every so many iterations or seconds (one of them), and always at the start and the end.
struct ObserveSettings {
  std::optional<std::uint64_t> every_iterations;
  std::optional<double> every_s;
  /// Training samples that the training loss is computed on: the first so many; all when absent.
  std::optional<std::size_t> loss_samples;
  int line = 0;
};

/// A scenario file, read, checked against schema and catalogue, with units in SI.
struct Scenario {
  std::filesystem::path file;
  std::string version;
  std::string name;
  std::uint64_t seed = 1;
  /// Absolute or relative to the working directory (in the file: relative to the file).
  std::filesystem::path platform;
  int platform_line = 0;
  NetworkSettings network;
  std::vector<Role> deployment;
  int deployment_line = 0;
  /// Absent for models without data. Parameters of type `path` are resolved like `platform`.
  std::optional<Choice> data;
  Choice partition;
  /// Parts of the training data; one per worker when absent.
  std::optional<std::size_t> shards;
  Choice model;
  CostSettings cost;
  TrainingSettings training;
  Choice strategy;
  std::optional<Choice> collective;
  std::optional<Choice> compression;
  std::vector<HostSpeed> host_speeds;
  std::vector<SlowdownSettings> slowdowns;
  std::vector<SlowPeriod> slow_periods;
  std::vector<LinkChange> link_changes;
  std::vector<FailureSettings> failures;
  std::optional<RecoverySettings> recovery;
  std::vector<JitterSettings> jitters;
  std::vector<LinkOutage> link_outages;
  std::vector<NetworkPartition> network_partitions;
  std::vector<MessageLoss> message_losses;
  BalanceSettings balance;
  StopSettings stop;
  ObserveSettings observe;

  /// Messages may be lost on their way.
  bool loses_messages() const {
    return !link_outages.empty() || !network_partitions.empty() || !message_losses.empty();
  }
};

/// Whether the parameters at the end are the same bits however long computations and messages take: they depend neither
/// on the order in which messages arrive nor on the time.
bool race_free(const Scenario& scenario);

/// One problem of a scenario, to be printed as `file:line: what`.
struct Diagnostic {
  std::string file;
  int line = 0;
  std::string what;
};

/// The settings as one line for people and results: `CM02 crosstraffic=no tcp-gamma=4194304`.
std::string describe(const NetworkSettings& network);

}  // namespace descent
