#include "algorithms/optimizers/optimizers.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/optimizers/frank_wolfe.hpp"
#include "algorithms/optimizers/layerwise_rules.hpp"
#include "algorithms/optimizers/proximal.hpp"
#include "algorithms/optimizers/rule_optimizer.hpp"
#include "algorithms/optimizers/rules.hpp"

#include <fmt/format.h>
#include <numeric>
#include <utility>
#include <vector>

namespace descent {
namespace {

template <class Rule>
std::unique_ptr<Optimizer> elementwise(const Rule& rule) {
  return std::make_unique<ElementwiseOptimizer<Rule>>(rule);
}

template <class Rule>
std::unique_ptr<Optimizer> layerwise(const Rule& rule, const ParameterSpace& space) {
  return std::make_unique<LayerwiseOptimizer<Rule>>(rule, space.tensors);
}

std::unique_ptr<Optimizer> make_sgd(const Settings& settings, const ParameterSpace& /*space*/) {
  return elementwise(rules::Sgd{settings.real("weight-decay")});
}

std::unique_ptr<Optimizer> make_momentum(const Settings& settings, const ParameterSpace& /*space*/) {
  return elementwise(rules::Momentum{settings.real("momentum")});
}

std::unique_ptr<Optimizer> make_nesterov(const Settings& settings, const ParameterSpace& /*space*/) {
  return elementwise(rules::Nesterov{settings.real("momentum")});
}

std::unique_ptr<Optimizer> make_adagrad(const Settings& settings, const ParameterSpace& /*space*/) {
  return elementwise(rules::Adagrad{settings.real("epsilon")});
}

std::unique_ptr<Optimizer> make_rmsprop(const Settings& settings, const ParameterSpace& /*space*/) {
  return elementwise(rules::RmsProp{settings.real("rho"), settings.real("epsilon")});
}

std::unique_ptr<Optimizer> make_adam(const Settings& settings, const ParameterSpace& /*space*/) {
  return elementwise(rules::Adam{settings.real("beta1"), settings.real("beta2"), settings.real("epsilon")});
}

std::unique_ptr<Optimizer> make_adamw(const Settings& settings, const ParameterSpace& /*space*/) {
  return elementwise(rules::AdamW{settings.real("beta1"), settings.real("beta2"), settings.real("epsilon"),
                                  settings.real("weight-decay")});
}

std::unique_ptr<Optimizer> make_lars(const Settings& settings, const ParameterSpace& space) {
  return layerwise(
      rules::Lars{settings.real("momentum"), settings.real("weight-decay"), settings.real("trust-coefficient")}, space);
}

std::unique_ptr<Optimizer> make_lamb(const Settings& settings, const ParameterSpace& space) {
  return layerwise(rules::Lamb{settings.real("beta1"), settings.real("beta2"), settings.real("epsilon"),
                               settings.real("weight-decay")},
                   space);
}

std::unique_ptr<Optimizer> make_frank_wolfe(const Settings& /*settings*/, const ParameterSpace& space) {
  return frank_wolfe(space.composite.constraint, space.whole());
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

Parameter epsilon(std::string fallback) {
  return {.name = "epsilon",
          .type = ParameterType::real,
          .fallback = std::move(fallback),
          .meaning = "ε, keeps the quotient finite",
          .least = 0,
          .above = true};
}

Parameter weight_decay(std::string fallback, std::string meaning) {
  return {.name = "weight-decay",
          .type = ParameterType::real,
          .fallback = std::move(fallback),
          .meaning = std::move(meaning),
          .least = 0};
}

std::vector<OptimizerRow> make_optimizer_rows() {
  const Parameter beta1 = decay_factor("beta1", "0.9", "β₁, of the mean of g");
  const Parameter beta2 = decay_factor("beta2", "0.999", "β₂, of the mean of g²");
  const Parameter trust{.name = "trust-coefficient",
                        .type = ParameterType::real,
                        .fallback = "0.001",
                        .meaning = "c: at η = 1 and without momentum a step is about so long a part of ‖x‖",
                        .least = 0,
                        .above = true};
  std::vector<OptimizerRow> rows;
  rows.push_back({{"sgd",
                   "x ← x − η (g + λx)",
                   "Robbins & Monro 1951, A stochastic approximation method",
                   {learning_rate(), weight_decay("0", "λ: adds λx to the gradient, biases included")}},
                  make_sgd,
                  Direction::gradient});
  rows.push_back({{"momentum",
                   "heavy ball: v ← μv + g; x ← x − ηv",
                   "Polyak 1964, Some methods of speeding up the convergence of iteration methods",
                   {learning_rate(), decay_factor("momentum", "0.9", "μ")}},
                  make_momentum,
                  Direction::multiple});
  rows.push_back({{"nesterov",
                   "accelerated gradient: v ← μv + g; x ← x − η (g + μv)",
                   "Nesterov 1983; in the form of Sutskever et al. 2013, On the importance of initialization and "
                   "momentum, section 2",
                   {learning_rate(), decay_factor("momentum", "0.9", "μ")}},
                  make_nesterov,
                  Direction::multiple});
  rows.push_back({{"adagrad",
                   "h ← h + g²; x ← x − η g / (√h + ε), element by element",
                   "Duchi, Hazan & Singer 2011, Adaptive subgradient methods, figure 1 with the diagonal H",
                   {learning_rate(), epsilon("1e-10")}},
                  make_adagrad,
                  Direction::rescaled});
  rows.push_back({{"rmsprop",
                   "v ← ρv + (1 − ρ)g²; x ← x − η g / (√v + ε)",
                   "Tieleman & Hinton 2012, Neural networks for machine learning, lecture 6.5",
                   {learning_rate(), decay_factor("rho", "0.9", "ρ, of the mean of g²"), epsilon("1e-8")}},
                  make_rmsprop,
                  Direction::rescaled});
  rows.push_back({{"adam",
                   "x ← x − η m̂ / (√v̂ + ε), m and v running means of g and g²",
                   "Kingma & Ba 2015, Adam, algorithm 1",
                   {learning_rate(), beta1, beta2, epsilon("1e-8")}},
                  make_adam,
                  Direction::rescaled});
  rows.push_back({{"adamw",
                   "adam with decoupled decay: x ← x − η (m̂ / (√v̂ + ε) + λx)",
                   "Loshchilov & Hutter 2019, Decoupled weight decay regularization, algorithm 2; its λ is ηλ here",
                   {learning_rate(), beta1, beta2, epsilon("1e-8"),
                    weight_decay("0.01", "λ: the step shrinks x by ηλx, biases included")}},
                  make_adamw,
                  Direction::rescaled});
  rows.push_back({{"lars",
                   "layer-wise rates: v ← μv + ηλ(g + βx), λ = c‖x‖ / (‖g‖ + β‖x‖) of each tensor; x ← x − v",
                   "You, Gitman & Ginsburg 2017, Large batch training of convolutional networks, algorithm 1",
                   {learning_rate(), decay_factor("momentum", "0.9", "μ"),
                    weight_decay("0.0005", "β: adds βx to the gradient, biases included"), trust}},
                  make_lars,
                  Direction::rescaled,
                  true});
  rows.push_back({{"lamb",
                   "layer-wise adamw: r = m̂ / (√v̂ + ε) + λx; x ← x − η ‖x‖/‖r‖ r, with the norms of each tensor",
                   "You et al. 2020, Large batch optimization for deep learning, algorithm 2, φ the identity",
                   {learning_rate(), beta1, beta2, epsilon("1e-6"),
                    weight_decay("0.01", "λ: adds λx to the direction, biases included")}},
                  make_lamb,
                  Direction::rescaled,
                  true});
  Parameter share = learning_rate();
  share.fallback = "1";
  share.meaning = "γ, before the schedule's factor, which is inverse-time of 1/2 by default: γ = 2/(t + 2)";
  share.most = 1;
  rows.push_back({{"frank-wolfe",
                   "x ← x + γ(s − x), s = argmin ⟨g, s⟩ over the <constraint>, which must be bounded: no projections",
                   "Frank & Wolfe 1956; Jaggi 2013, Revisiting Frank-Wolfe, algorithm 1",
                   {share}},
                  make_frank_wolfe,
                  Direction::conditional,
                  false,
                  {"inverse-time", {{"decay", "0.5"}}}});
  return rows;
}

}  // namespace

std::span<const OptimizerRow> optimizer_rows() {
  static const std::vector<OptimizerRow> rows = make_optimizer_rows();
  return rows;
}

std::size_t ParameterSpace::whole() const {
  const bool coupled = composite.constraint && composite.constraint->coupled();
  return coupled ? std::accumulate(tensors.begin(), tensors.end(), std::size_t{0}) : 0;
}

const OptimizerRow& find_optimizer(std::string_view name) {
  std::vector<std::string> known;
  for (const OptimizerRow& row : optimizer_rows()) {
    if (row.entry.name == name) {
      return row;
    }
    known.push_back(row.entry.name);
  }
  throw InputError(
      fmt::format("optimizer '{}' is unknown{}; known: {}", name, did_you_mean(name, known), fmt::join(known, ", ")));
}

std::unique_ptr<Optimizer> make_optimizer(std::string_view name, const Settings& settings,
                                          const ParameterSpace& space) {
  const OptimizerRow& row = find_optimizer(name);
  std::unique_ptr<Optimizer> optimizer = row.make(settings, space);
  if (space.composite.empty() || row.direction == Direction::conditional) {
    return optimizer;
  }
  return proximal(std::move(optimizer), space.composite, space.whole());
}

}  // namespace descent
