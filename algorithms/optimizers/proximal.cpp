#include "algorithms/optimizers/proximal.hpp"

#include <stdexcept>
#include <utility>

namespace descent {
namespace {

class ProximalOptimizer final : public Optimizer {
 public:
  ProximalOptimizer(std::unique_ptr<Optimizer> inner, Composite composite, std::size_t whole)
      : inner_(std::move(inner)), composite_(std::move(composite)), whole_(whole) {}

  std::size_t slots() const override { return inner_->slots(); }
  double flops_per_parameter() const override {
    return inner_->flops_per_parameter() + composite_.flops_per_parameter();
  }

 private:
  OptimizerState do_update(OptimizerState state, const Snapshot& gradient, double learning_rate,
                           double factor) const override {
    if (whole_ > 0 && gradient.size() != whole_) {
      throw std::logic_error("a constraint that couples coordinates was given a part of the vector");
    }
    --state.updates;  // The inner optimizer counts it too.
    state = inner_->update(std::move(state), gradient, learning_rate, factor);
    Buffer x = Buffer::from(std::move(state.parameters));
    composite_.step(x, learning_rate);
    state.parameters = std::move(x).freeze();
    return state;
  }

  std::unique_ptr<Optimizer> inner_;
  Composite composite_;
  std::size_t whole_;
};

}  // namespace

std::unique_ptr<Optimizer> proximal(std::unique_ptr<Optimizer> inner, Composite composite, std::size_t whole) {
  return std::make_unique<ProximalOptimizer>(std::move(inner), std::move(composite), whole);
}

}  // namespace descent
