#pragma once

#include "sim/calibration/probes.hpp"
#include "sim/cli/options.hpp"
#include "sim/validate/run_plan.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace descent {

/// The verbs: each returns the process's exit code, or throws InputError (2) or RunError (1).
int run_verb(const RunOptions& options);
int check_verb(const std::vector<std::filesystem::path>& files, const std::vector<std::string>& overrides);
/// Prints the placed ranks as JSON, for descent-mpi.
int plan_verb(const RunOptions& options);
/// Measures a simulated platform's network between ranks on the hosts of these names, for `calibrate`; one on each core
/// where there are none. With a scenario: what its kernels take on these hosts instead.
int probe_verb(const std::filesystem::path& platform, std::vector<std::string> names, ProbeSettings settings,
               const std::optional<std::filesystem::path>& scenario_file, const std::filesystem::path& table);
int list_verb(const std::string& kind, const std::string& name);
/// 1 where a scenario failed, or has other bits than it must.
int validate_verb(const ValidationOptions& options);
/// `plot` and `report`: hands its words on to the program of that name in plots/, which this process becomes.
int plot_verb(const std::string& verb, const std::vector<std::string>& words);

}  // namespace descent
