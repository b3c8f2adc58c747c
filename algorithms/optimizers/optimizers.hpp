#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/optimizers/optimizer.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace descent {

struct OptimizerRow {
  /// Every optimizer has the parameter `learning-rate`, which is for whoever calls Optimizer::update.
  Entry entry;
  /// `tensors` as in make_optimizer.
  std::unique_ptr<Optimizer> (*make)(const Settings& settings, std::span<const std::size_t> tensors);
  /// It takes norms of tensors, so that it can update all of a vector only, and not a server's part.
  bool layerwise = false;
};

/// All optimizers, in the order of `descent list`.
std::span<const OptimizerRow> optimizer_rows();

/// Throws InputError for an unknown name.
const OptimizerRow& find_optimizer(std::string_view name);

/// The optimizer of this name with checked settings, for vectors of tensors of these sizes, in order; none: the vector
/// is one tensor. Throws InputError for an unknown name.
std::unique_ptr<Optimizer> make_optimizer(std::string_view name, const Settings& settings,
                                          std::span<const std::size_t> tensors = {});

}  // namespace descent
