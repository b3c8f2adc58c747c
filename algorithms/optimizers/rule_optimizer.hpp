#pragma once

#include "algorithms/optimizers/optimizer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

namespace descent {

/// The vectors of a state while a rule writes them.
template <std::size_t slots>
struct WritableState {
  explicit WritableState(OptimizerState& state) : parameters(Buffer::from(std::move(state.parameters))) {
    for (std::size_t i = 0; i < slots; ++i) {
      slot[i] = Buffer::from(std::move(state.slots[i]));
    }
  }

  void freeze_into(OptimizerState& state) && {
    state.parameters = std::move(parameters).freeze();
    for (std::size_t i = 0; i < slots; ++i) {
      state.slots[i] = std::move(slot[i]).freeze();
    }
  }

  Buffer parameters;
  std::array<Buffer, slots> slot;
};

/// A rule of rules.hpp as an Optimizer.
template <class Rule>
class ElementwiseOptimizer final : public Optimizer {
 public:
  explicit ElementwiseOptimizer(const Rule& rule) : rule_(rule) {}

  std::size_t slots() const override { return Rule::slots; }
  double flops_per_parameter() const override { return rule_.flops_per_parameter(); }

 private:
  OptimizerState do_update(OptimizerState state, const Snapshot& gradient, double learning_rate,
                           double factor) const override {
    WritableState<Rule::slots> vectors(state);
    with_real(gradient.precision(), [&](auto real) {
      using Real = decltype(real);
      apply<Real>(rule_.template step<Real>(learning_rate, state.updates), gradient.size(), static_cast<Real>(factor),
                  gradient.as<Real>().data(), vectors, std::make_index_sequence<Rule::slots>());
    });
    std::move(vectors).freeze_into(state);
    return state;
  }

  /// Applies a step to each element of vectors that do not overlap, and `factor` to the gradient's.
  template <class Real, class Step, std::size_t... slot>
  static void apply(const Step& step, std::size_t size, Real factor, const Real* __restrict gradient,
                    WritableState<Rule::slots>& vectors, std::index_sequence<slot...> /*indices*/) {
    const auto loop = [&](Real* __restrict parameters, auto* __restrict... elements) {
      for (std::size_t i = 0; i < size; ++i) {
        step(factor * gradient[i], parameters[i], elements[i]...);
      }
    };
    loop(vectors.parameters.template as<Real>().data(), vectors.slot[slot].template as<Real>().data()...);
  }

  Rule rule_;
};

/// A rule of layerwise_rules.hpp as an Optimizer.
template <class Rule>
class LayerwiseOptimizer final : public Optimizer {
 public:
  /// `tensors`: their sizes in the order of the vector; none: the vector is one tensor.
  LayerwiseOptimizer(const Rule& rule, std::vector<std::size_t> tensors) : rule_(rule), tensors_(std::move(tensors)) {}

  std::size_t slots() const override { return Rule::slots; }
  double flops_per_parameter() const override { return rule_.flops_per_parameter(); }

 private:
  OptimizerState do_update(OptimizerState state, const Snapshot& gradient, double learning_rate,
                           double factor) const override {
    const std::vector<std::size_t> tensors = tensors_.empty() ? std::vector{gradient.size()} : tensors_;
    if (std::accumulate(tensors.begin(), tensors.end(), std::size_t{0}) != gradient.size()) {
      throw std::logic_error("a layer-wise optimizer updates all tensors together, and was given a part of them");
    }
    WritableState<Rule::slots> vectors(state);
    with_real(gradient.precision(), [&](auto real) {
      using Real = decltype(real);
      std::size_t begin = 0;
      for (const std::size_t size : tensors) {
        update<Real>(learning_rate, state.updates, static_cast<Real>(factor), begin, size, gradient, vectors,
                     std::make_index_sequence<Rule::slots>());
        begin += size;
      }
    });
    std::move(vectors).freeze_into(state);
    return state;
  }

  template <class Real, std::size_t... slot>
  void update(double learning_rate, std::uint64_t t, Real factor, std::size_t begin, std::size_t size,
              const Snapshot& gradient, WritableState<Rule::slots>& vectors,
              std::index_sequence<slot...> /*indices*/) const {
    rule_.template update<Real>(learning_rate, t, factor, size, gradient.as<Real>().data() + begin,
                                vectors.parameters.template as<Real>().data() + begin,
                                (vectors.slot[slot].template as<Real>().data() + begin)...);
  }

  Rule rule_;
  std::vector<std::size_t> tensors_;
};

}  // namespace descent
