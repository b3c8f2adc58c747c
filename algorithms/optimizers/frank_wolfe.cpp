#include "algorithms/optimizers/frank_wolfe.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace descent {
namespace {

class FrankWolfe final : public Optimizer {
 public:
  FrankWolfe(std::shared_ptr<const Constraint> constraint, std::size_t whole)
      : constraint_(std::move(constraint)), whole_(whole) {
    if (!constraint_ || !constraint_->bounded()) {
      throw std::logic_error("frank-wolfe needs a bounded constraint");
    }
  }

  std::size_t slots() const override { return 0; }
  /// s, then difference, product and sum.
  double flops_per_parameter() const override { return constraint_->minimizer_flops() + 3; }

 private:
  /// A factor of the gradient changes nothing: s depends on its direction alone.
  OptimizerState do_update(OptimizerState state, const Snapshot& gradient, double learning_rate,
                           double /*factor*/) const override {
    if (whole_ > 0 && gradient.size() != whole_) {
      throw std::logic_error("a constraint that couples coordinates was given a part of the vector");
    }
    const Snapshot s = constraint_->minimizer(gradient);
    Buffer x = Buffer::from(std::move(state.parameters));
    with_real(x.precision(), [&](auto real) {
      using Real = decltype(real);
      x.as<Real>() += static_cast<Real>(std::min(learning_rate, 1.0)) * (s.as<Real>() - x.as<Real>());
    });
    state.parameters = std::move(x).freeze();
    return state;
  }

  std::shared_ptr<const Constraint> constraint_;
  std::size_t whole_;
};

}  // namespace

std::unique_ptr<Optimizer> frank_wolfe(std::shared_ptr<const Constraint> constraint, std::size_t whole) {
  return std::make_unique<FrankWolfe>(std::move(constraint), whole);
}

}  // namespace descent
