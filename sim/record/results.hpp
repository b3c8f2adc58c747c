#pragma once

#include "sim/record/evaluations.hpp"
#include "sim/record/rank_record.hpp"
#include "sim/scenario/scenario.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace descent {

/// What the scenario disturbed for a while. Times in seconds.
struct DisturbedPeriod {
  /// The element and what it names: "link-outage node-3-*".
  std::string what;
  double begin = 0;
  double end = 0;
};

/// A run that has ended, as it will be told.
struct RunResult {
  /// "simgrid", "mpi" or "smpi".
  std::string backend;
  std::string network_model;
  /// Simulated or real seconds from the start to the end of the last rank.
  double time_s = 0;
  double wall_s = 0;
  std::vector<RankRecord> ranks;
  std::vector<Observation> observations;
  /// Of each rank's part in each collective.
  Durations collectives;
  /// Those that began in the run, up to its end.
  std::vector<DisturbedPeriod> disturbances;
  /// Time at which a target was first seen met.
  std::optional<double> time_to_target_s;
  std::string parameters_digest;
  std::size_t training_samples = 0;
  /// Where messages may be lost, and the network is ours to ask.
  std::optional<std::uint64_t> messages_lost;
  /// The file whose order of events it has followed; nothing where it went as it came.
  std::optional<std::string> replayed;
};

struct Utilization {
  double compute = 0;
  double communication = 0;
  double idle = 0;
  double down = 0;
};
/// Shares of the run time: they add up to 1.
Utilization utilization(const RankRecord& rank, double time_s);

/// The contents of summary.json; see scenarios/README.md for every field.
nlohmann::ordered_json summarize(const Scenario& scenario, const RunResult& result);

/// Writes summary.json, metrics.csv, scenario.xml and, with a trace, timeline.json into `directory`, which is
/// made if need be; each file whole or not at all. Returns the paths written. Throws RunError.
std::vector<std::filesystem::path> write_results(const std::filesystem::path& directory, const RunResult& result,
                                                 const nlohmann::ordered_json& summary,
                                                 const std::string& effective_scenario, bool trace);

/// The result for people: a few aligned lines.
std::string result_table(const nlohmann::ordered_json& summary);

}  // namespace descent
