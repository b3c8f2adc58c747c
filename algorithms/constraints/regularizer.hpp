#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/math/vector.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace descent {

/// A convex function r of the parameters that is added to the loss and acts through its proximal operator, so that it
/// need not be differentiable: its zeros are exact. A sum over coordinates, biases included. Immutable and thread-safe.
class Regularizer {
 public:
  virtual ~Regularizer() = default;

  /// r(x).
  virtual double value(const Snapshot& x) const = 0;
  /// x ← prox_{ηr}(x) = argmin_y ½‖y − x‖² + η r(y), for a step η.
  virtual void shrink(Buffer& x, double step) const = 0;
  /// Floating-point operations of `shrink` per parameter (convention: model.hpp).
  virtual double flops_per_parameter() const = 0;
};

struct RegularizerRow {
  Entry entry;
  std::unique_ptr<Regularizer> (*make)(const Settings& settings);
  /// r has a part λ‖x‖₁.
  bool sparse = false;
};

/// All regularizers, in the order of `descent list`.
std::span<const RegularizerRow> regularizer_rows();
/// Precondition: the name is in the table.
const RegularizerRow& find_regularizer(std::string_view name);

}  // namespace descent
