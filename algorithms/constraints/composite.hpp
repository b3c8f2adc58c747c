#pragma once

#include "algorithms/constraints/constraint.hpp"
#include "algorithms/constraints/regularizer.hpp"

#include <memory>
#include <optional>

namespace descent {

/// What a problem min F(x) + r(x) over x ∈ C has beside the loss F: r and C, either of which may be absent.
struct Composite {
  std::shared_ptr<const Constraint> constraint;
  std::shared_ptr<const Regularizer> regularizer;

  bool empty() const { return !constraint && !regularizer; }
  /// x ← P(x).
  void project(Buffer& x) const;
  /// x ← argmin_{y ∈ C} ½‖y − x‖² + η r(y), as P(prox_{ηr}(x)). These are the same for boxes (each coordinate's
  /// function is convex), for the l2-ball (Yu 2013, On decomposing the proximal map), for the l1-ball, which cuts off
  /// more of what l1 cuts off, and for every C where r is l2; not for l1 on the simplex, where it is constant.
  void step(Buffer& x, double step) const;
  /// Of `step`, per parameter.
  double flops_per_parameter() const;
};

/// How far a point is from being a solution.
struct Optimality {
  /// ‖x − P(x)‖₂: 0 in C.
  double violation = 0;
  /// ‖x − P(prox_r(x − ∇F(x)))‖₂: 0 where the Karush-Kuhn-Tucker conditions hold, and only there.
  double residual = 0;
  /// max_{s ∈ C} ⟨∇F(x), x − s⟩ ≥ F(x) − min F for a convex F and x ∈ C (Jaggi 2013, eq. 2). Where C is bounded and
  /// there is no r.
  std::optional<double> gap;
};

/// Of x, given ∇F(x).
Optimality optimality_of(const Composite& composite, const Snapshot& x, const Snapshot& gradient);

}  // namespace descent
