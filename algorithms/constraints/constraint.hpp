#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/math/vector.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace descent {

/// A closed convex set C that the parameters are to stay in. Immutable and thread-safe.
class Constraint {
 public:
  virtual ~Constraint() = default;

  /// x ← P(x), the nearest point of C.
  virtual void project(Buffer& x) const = 0;
  /// C is no product of intervals: the vector is to be whole, and not a server's part.
  virtual bool coupled() const = 0;
  virtual bool bounded() const = 0;
  /// A point s of C where ⟨g, s⟩ is least: the linear minimization oracle of Frank-Wolfe. Precondition: C is bounded.
  virtual Snapshot minimizer(const Snapshot& g) const = 0;
  /// Floating-point operations per parameter (convention: model.hpp).
  virtual double projection_flops() const = 0;
  virtual double minimizer_flops() const = 0;
};

struct ConstraintRow {
  Entry entry;
  std::unique_ptr<Constraint> (*make)(const Settings& settings);
  /// As in Constraint.
  bool coupled;
  bool bounded;
};

/// All constraints, in the order of `descent list`.
std::span<const ConstraintRow> constraint_rows();
/// Precondition: the name is in the table.
const ConstraintRow& find_constraint(std::string_view name);

}  // namespace descent
