#pragma once

#include "sim/sweep/expansion.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace descent {

struct Diagnostic;

/// Values and cases that schema or catalogue refuse in each of some points that have them, with the line of the axis;
/// what some points alone cannot have is their own failure. Of a long axis not all values are tried. `overrides`: of
/// the scenario. Adds the files that those points read to `inputs`.
std::vector<Diagnostic> check_levels(const SweepSettings& sweep, const std::vector<SweepPoint>& points,
                                     const std::vector<std::string>& overrides,
                                     std::set<std::filesystem::path>& inputs);

/// So many numbers from 0 to count - 1, evenly spread; all where there are no more.
std::vector<std::size_t> spread(std::size_t count, std::size_t wanted);

}  // namespace descent
