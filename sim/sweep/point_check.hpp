#pragma once

#include "sim/sweep/expansion.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace descent {

/// Calls `check` for each of the points in a child of its own, which throws or returns another code than 0 where
/// something is wrong. Returns what is, by the points' numbers.
std::map<std::size_t, std::string> check_points(const std::vector<const SweepPoint*>& points,
                                                const std::function<int(const SweepPoint&)>& check, std::size_t jobs);

}  // namespace descent
