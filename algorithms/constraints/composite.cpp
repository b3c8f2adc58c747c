#include "algorithms/constraints/composite.hpp"

#include "algorithms/math/reduction.hpp"

#include <cmath>
#include <utility>

namespace descent {
namespace {

/// Σ f(aᵢ, bᵢ) in double.
template <class Function>
double sum_over(const Snapshot& a, const Snapshot& b, const Function& f) {
  return with_real(a.precision(), [&](auto real) {
    using Real = decltype(real);
    const Real* const left = a.as<Real>().data();
    const Real* const right = b.as<Real>().data();
    return fixed_sum<Real>(
        a.size(), [&](std::size_t i) { return f(static_cast<double>(left[i]), static_cast<double>(right[i])); });
  });
}

double distance(const Snapshot& a, Buffer b) {
  return std::sqrt(sum_over(a, std::move(b).freeze(), [](double x, double y) { return (x - y) * (x - y); }));
}

}  // namespace

void Composite::project(Buffer& x) const {
  if (constraint) {
    constraint->project(x);
  }
}

void Composite::step(Buffer& x, double step) const {
  if (regularizer) {
    regularizer->shrink(x, step);
  }
  project(x);
}

double Composite::flops_per_parameter() const {
  return (regularizer ? regularizer->flops_per_parameter() : 0) + (constraint ? constraint->projection_flops() : 0);
}

Optimality optimality_of(const Composite& composite, const Snapshot& x, const Snapshot& gradient) {
  Optimality optimality;
  // `x` stays with its holders: a Buffer made of it is a copy.
  Buffer nearest = Buffer::from(x);
  composite.project(nearest);
  optimality.violation = distance(x, std::move(nearest));
  Buffer moved = Buffer::from(x);
  with_real(x.precision(), [&](auto real) {
    using Real = decltype(real);
    moved.as<Real>() -= gradient.as<Real>();
  });
  composite.step(moved, 1);
  optimality.residual = distance(x, std::move(moved));
  if (composite.constraint && composite.constraint->bounded() && !composite.regularizer) {
    const auto product = [](double g, double y) { return g * y; };
    optimality.gap =
        sum_over(gradient, x, product) - sum_over(gradient, composite.constraint->minimizer(gradient), product);
  }
  return optimality;
}

}  // namespace descent
