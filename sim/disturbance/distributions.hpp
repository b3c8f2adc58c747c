#pragma once

#include "algorithms/core/random.hpp"
#include "algorithms/core/settings.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// One draw.
using Draw = std::function<double(RandomStream& stream)>;

/// A distribution of positive numbers that a disturbance may have: of what a step's time is multiplied by, or of a
/// delay.
struct DistributionRow {
  Entry entry;
  /// Precondition: the settings are checked, and `fault` finds none. Absent where values are read from a file and not
  /// drawn.
  Draw (*make)(const Settings& settings) = nullptr;
  /// What the parameters contradict each other in, or "": starts with the parameter's name. Absent where they cannot.
  std::string (*fault)(const Settings& settings) = nullptr;
};

/// All of them, in the order of the table. Those of `<slowdown>`: numbers without unit.
std::span<const DistributionRow> distribution_rows();
/// InputError for a name that is not in the table.
const DistributionRow& find_distribution(std::string_view name);

/// What `<slowdown distribution>` chooses from.
std::vector<const Entry*> slowdown_entries();
/// What `<jitter distribution>` chooses from: those that have a mean, which is a time here, and so is a shift.
std::vector<const Entry*> jitter_entries();

}  // namespace descent
