#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/optimizers/optimizer.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace descent {

/// An update rule that the catalogue knows. Its `learning-rate` is read by whoever calls `update`.
struct OptimizerRow {
  Entry entry;
  std::unique_ptr<Optimizer> (*make)(const Settings& settings);
};
std::span<const OptimizerRow> optimizer_rows();

/// Precondition: the name is in the table and the settings are checked.
std::unique_ptr<Optimizer> make_optimizer(std::string_view name, const Settings& settings);

}  // namespace descent
