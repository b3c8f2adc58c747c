#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/optimizers/optimizer.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace descent {

struct OptimizerRow {
  /// Every optimizer has the parameter `learning-rate`, which is for whoever calls Optimizer::update.
  Entry entry;
  std::unique_ptr<Optimizer> (*make)(const Settings& settings);
};

/// All optimizers, in the order of `descent list`.
std::span<const OptimizerRow> optimizer_rows();

/// The optimizer of this name with checked settings. Throws InputError for an unknown name.
std::unique_ptr<Optimizer> make_optimizer(std::string_view name, const Settings& settings);

}  // namespace descent
