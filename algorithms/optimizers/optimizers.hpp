#pragma once

#include "algorithms/constraints/composite.hpp"
#include "algorithms/core/settings.hpp"
#include "algorithms/optimizers/optimizer.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// What an optimizer must know of the vectors that it updates.
struct ParameterSpace {
  /// Sizes of the tensors that a vector consists of, in order; none: it is one tensor.
  std::vector<std::size_t> tensors;
  Composite composite;

  /// The length of the vectors, where a part of one cannot be updated for itself; 0: of any length.
  std::size_t whole() const;
};

/// What an optimizer's direction d becomes where the gradient g stays as it is. It decides on what kinds of problems
/// the fixed points of x ← P(prox_{ηr}(x − ηd)) are the solutions.
enum class Direction {
  /// g: any constraint and regularizer.
  gradient,
  /// A positive multiple of g: any constraint; a regularizer would weigh less than it says.
  multiple,
  /// Positive multiples of g's coordinates, each its own: only constraints that do not couple coordinates.
  rescaled,
  /// None: the next point is chosen in the constraint itself.
  conditional,
};

/// The schedule of an optimizer where a scenario names none.
struct DefaultSchedule {
  std::string kind = "constant";
  std::map<std::string, std::string> parameters = {};
};

struct OptimizerRow {
  /// Every optimizer has the parameter `learning-rate`, which is for whoever calls Optimizer::update.
  Entry entry;
  std::unique_ptr<Optimizer> (*make)(const Settings& settings, const ParameterSpace& space);
  Direction direction;
  /// It takes norms of tensors, so that it can update all of a vector only, and not a server's part.
  bool layerwise = false;
  DefaultSchedule schedule = {};
};

/// All optimizers, in the order of `descent list`.
std::span<const OptimizerRow> optimizer_rows();

/// Throws InputError for an unknown name.
const OptimizerRow& find_optimizer(std::string_view name);

/// The optimizer of this name with checked settings. Where `space` has a constraint or a regularizer each of its
/// updates ends with their proximal step, but for those that see to a constraint themselves. Throws InputError for an
/// unknown name. Precondition: what it is to be used with suits its direction.
std::unique_ptr<Optimizer> make_optimizer(std::string_view name, const Settings& settings,
                                          const ParameterSpace& space = {});

}  // namespace descent
