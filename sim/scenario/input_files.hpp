#pragma once

#include <filesystem>
#include <vector>

namespace descent {

struct Scenario;

/// The files that a run of the scenario reads besides it: platform, profiles that this refers to, data, traces of step
/// times. Whether they are there is not told.
std::vector<std::filesystem::path> input_files(const Scenario& scenario);

}  // namespace descent
