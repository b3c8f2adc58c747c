#pragma once

#include "sim/calibration/probes.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace descent {

struct ValidationOptions;

/// What the command line of `run` says; both `descent` and `descent-mpi` take it.
struct RunOptions {
  std::filesystem::path file;
  /// XPATH=VALUE.
  std::vector<std::string> overrides;
  std::optional<std::uint64_t> seed;
  std::optional<std::filesystem::path> out;
  /// Kernel threads; the machine's processors when absent.
  std::optional<std::size_t> threads;
  /// Simulation only: bytes of gradients that are held at once; those beyond are computed when they are summed.
  std::optional<std::uint64_t> gradient_memory;
  bool json = false;
  bool quiet = false;
  bool trace = false;
  /// Run over real MPI instead of simulating; or the same program in SimGrid's SMPI.
  bool mpi = false;
  bool smpi = false;
  /// descent-mpi only: where `descent` has written who runs where.
  std::optional<std::filesystem::path> plan;
  /// MPI only: computations take at least the time that the platform's hosts would need.
  bool paced = false;
  std::optional<std::filesystem::path> hostfile;
  /// MPI only: where to write the order of events.
  std::optional<std::filesystem::path> record;
  /// Simulation only: the order of events that is to be followed.
  std::optional<std::filesystem::path> replay;

  std::size_t thread_count() const;
  std::filesystem::path output_directory(const std::string& scenario_name, std::uint64_t used_seed) const;
};

}  // namespace descent

namespace CLI {
class App;
}

namespace descent {

/// Adds --time-limit.
void add_time_limit(CLI::App& command, std::optional<double>& seconds, const char* meaning);
/// Adds the options of what is measured.
void add_probe_options(CLI::App& command, ProbeSettings& probes);

/// Adds the options of `run` to a command.
void add_run_options(CLI::App& command, RunOptions& options);
/// Adds --record.
void add_record_option(CLI::App& command, RunOptions& options);
void add_validation_options(CLI::App& command, ValidationOptions& options);

}  // namespace descent
