#pragma once

#include "sim/validate/comparison.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace descent {

/// All that `descent validate` has found, in the order of the files.
struct Validation {
  /// "mpi" or "smpi".
  std::string measured_by;
  std::size_t repeats = 0;
  std::vector<Comparison> comparisons;

  bool failed() const;
};

/// Tidy: a row per scenario and quantity, with the columns `scenario, quantity, unit, measured_median, measured_min,
/// measured_max, predicted, error`; errors are no per cent. A scenario that failed has one row, of quantity `failure`,
/// without numbers.
std::string to_csv(const Validation& validation);

/// The same with the failures' reasons, the ranking and the explanations.
nlohmann::ordered_json to_json(const Validation& validation);

}  // namespace descent
