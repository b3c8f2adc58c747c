#pragma once

#include "sim/validate/outcome.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace descent {

/// What has become of one scenario's runs.
struct ScenarioRuns {
  std::string label;
  RunOutcome predicted = {};
  std::vector<RunOutcome> measured = {};
  /// Why there is nothing to compare.
  std::string failure = {};
};

/// What earlier validations have left in these directories, in their order, the scenarios of each by name; one that has
/// no whole results has failed. `measured_by`: "mpi" or "smpi". Throws InputError where a directory has none at all.
std::vector<ScenarioRuns> read_scenario_runs(const std::vector<std::filesystem::path>& directories,
                                             const std::string& measured_by);

}  // namespace descent
