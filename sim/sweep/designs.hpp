#pragma once

#include "sim/scenario/sweep_settings.hpp"

#include <string>
#include <vector>

namespace descent {

/// How many combinations of values the design has before exclusions, seeds not counted.
double combinations(const SweepSettings& sweep);

/// These combinations: of each, a value for each axis. Where values are random they depend on the design's seed and the
/// names of the axes, not on the order of these; and a random design of more points begins with those of fewer.
std::vector<std::vector<std::string>> designed_values(const SweepSettings& sweep);

}  // namespace descent
