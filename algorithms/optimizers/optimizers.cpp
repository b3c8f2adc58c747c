#include "algorithms/optimizers/optimizers.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/optimizers/rules.hpp"

#include <fmt/format.h>
#include <stdexcept>
#include <utility>
#include <vector>

namespace descent {
namespace {

void check_lengths(const OptimizerState& state, const Snapshot& gradient, std::size_t slots) {
  const auto suits = [&](const Snapshot& vector) {
    return vector.size() == gradient.size() && vector.precision() == gradient.precision();
  };
  bool all = state.slots.size() == slots && suits(state.parameters);
  for (const Snapshot& slot : state.slots) {
    all = all && suits(slot);
  }
  if (!all) {
    throw std::logic_error("an optimizer's state and the gradient differ in length, precision or slots");
  }
}

/// Applies `rule` to each element of vectors of length `size` that do not overlap, and `factor` to the gradient's.
template <class Real, class Rule, std::size_t... slot>
void apply(const Rule& rule, std::size_t size, Real factor, const Real* __restrict gradient,
           Real* __restrict parameters, std::vector<Buffer>& slots, std::index_sequence<slot...> /*indices*/) {
  const auto loop = [&](auto* __restrict... elements) {
    for (std::size_t i = 0; i < size; ++i) {
      rule(factor * gradient[i], parameters[i], elements[i]...);
    }
  };
  loop(reinterpret_cast<Real*>(slots[slot].data())...);
}

/// A rule of rules.hpp as an Optimizer.
template <class Rule>
class RuleOptimizer final : public Optimizer {
 public:
  explicit RuleOptimizer(const Rule& rule) : rule_(rule) {}

  std::size_t slots() const override { return Rule::slots; }
  double flops_per_parameter() const override { return rule_.flops_per_parameter(); }

 private:
  OptimizerState do_update(OptimizerState state, const Snapshot& gradient, double learning_rate,
                           double factor) const override {
    check_lengths(state, gradient, Rule::slots);
    ++state.updates;
    Buffer parameters = Buffer::from(std::move(state.parameters));
    std::vector<Buffer> slots;
    for (Snapshot& slot : state.slots) {
      slots.push_back(Buffer::from(std::move(slot)));
    }
    with_real(gradient.precision(), [&](auto real) {
      using Real = decltype(real);
      apply<Real>(rule_.template step<Real>(learning_rate, state.updates), gradient.size(), static_cast<Real>(factor),
                  gradient.as<Real>().data(), parameters.as<Real>().data(), slots,
                  std::make_index_sequence<Rule::slots>());
    });
    state.parameters = std::move(parameters).freeze();
    for (std::size_t i = 0; i < slots.size(); ++i) {
      state.slots[i] = std::move(slots[i]).freeze();
    }
    return state;
  }

  Rule rule_;
};

template <class Rule>
std::unique_ptr<Optimizer> optimizer_of(const Rule& rule) {
  return std::make_unique<RuleOptimizer<Rule>>(rule);
}

std::unique_ptr<Optimizer> make_sgd(const Settings& settings) {
  return optimizer_of(rules::Sgd{settings.real("weight-decay")});
}

std::unique_ptr<Optimizer> make_momentum(const Settings& settings) {
  return optimizer_of(rules::Momentum{settings.real("momentum")});
}

std::unique_ptr<Optimizer> make_nesterov(const Settings& settings) {
  return optimizer_of(rules::Nesterov{settings.real("momentum")});
}

std::unique_ptr<Optimizer> make_adam(const Settings& settings) {
  return optimizer_of(rules::Adam{settings.real("beta1"), settings.real("beta2"), settings.real("epsilon")});
}

Parameter learning_rate() {
  return {.name = "learning-rate",
          .type = ParameterType::real,
          .meaning = "η, before the schedule's factor",
          .least = 0,
          .above = true};
}

/// A factor that a running mean keeps of its past. At 1 it would forget nothing, and Adam divide by zero; the bound
/// is the largest number that single precision can tell from it.
Parameter decay_factor(std::string name, std::string fallback, std::string meaning) {
  return {.name = std::move(name),
          .type = ParameterType::real,
          .fallback = std::move(fallback),
          .meaning = std::move(meaning),
          .least = 0,
          .most = 0.9999999};
}

std::vector<OptimizerRow> make_optimizer_rows() {
  const Parameter weight_decay{.name = "weight-decay",
                               .type = ParameterType::real,
                               .fallback = "0",
                               .meaning = "λ: adds λx to the gradient, biases included",
                               .least = 0};
  const Parameter epsilon{.name = "epsilon",
                          .type = ParameterType::real,
                          .fallback = "1e-8",
                          .meaning = "ε, keeps the quotient finite",
                          .least = 0,
                          .above = true};
  std::vector<OptimizerRow> rows;
  rows.push_back({{"sgd",
                   "x ← x − η (g + λx)",
                   "Robbins & Monro 1951, A stochastic approximation method",
                   {learning_rate(), weight_decay}},
                  make_sgd});
  rows.push_back({{"momentum",
                   "heavy ball: v ← μv + g; x ← x − ηv",
                   "Polyak 1964, Some methods of speeding up the convergence of iteration methods",
                   {learning_rate(), decay_factor("momentum", "0.9", "μ")}},
                  make_momentum});
  rows.push_back({{"nesterov",
                   "accelerated gradient: v ← μv + g; x ← x − η (g + μv)",
                   "Nesterov 1983; in the form of Sutskever et al. 2013, On the importance of initialization and "
                   "momentum, section 2",
                   {learning_rate(), decay_factor("momentum", "0.9", "μ")}},
                  make_nesterov});
  rows.push_back({{"adam",
                   "x ← x − η m̂ / (√v̂ + ε), m and v running means of g and g²",
                   "Kingma & Ba 2015, Adam, algorithm 1",
                   {learning_rate(), decay_factor("beta1", "0.9", "β₁, of the mean of g"),
                    decay_factor("beta2", "0.999", "β₂, of the mean of g²"), epsilon}},
                  make_adam});
  return rows;
}

}  // namespace

std::span<const OptimizerRow> optimizer_rows() {
  static const std::vector<OptimizerRow> rows = make_optimizer_rows();
  return rows;
}

std::unique_ptr<Optimizer> make_optimizer(std::string_view name, const Settings& settings) {
  std::vector<std::string> known;
  for (const OptimizerRow& row : optimizer_rows()) {
    if (row.entry.name == name) {
      return row.make(settings);
    }
    known.push_back(row.entry.name);
  }
  throw InputError(
      fmt::format("optimizer '{}' is unknown{}; known: {}", name, did_you_mean(name, known), fmt::join(known, ", ")));
}

}  // namespace descent
