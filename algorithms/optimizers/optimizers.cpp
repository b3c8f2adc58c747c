#include "algorithms/optimizers/optimizers.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

namespace descent {
namespace {

/// x ← x − η (g + λx).
class SgdRule final : public Optimizer {
 public:
  explicit SgdRule(const Settings& settings) : decay_(settings.real("weight-decay")) {}

  std::size_t slots() const override { return 0; }
  double flops_per_parameter() const override { return decay_ == 0 ? 2 : 4; }

  OptimizerState update(OptimizerState state, const Snapshot& gradient, double learning_rate) const override {
    Buffer x = Buffer::from(std::exchange(state.parameters, {}));
    with_real(x.precision(), [&](auto real) {
      using Real = decltype(real);
      const auto rate = static_cast<Real>(learning_rate);
      if (decay_ == 0) {
        x.as<Real>() -= rate * gradient.as<Real>();
      } else {
        x.as<Real>() -= rate * (gradient.as<Real>() + static_cast<Real>(decay_) * x.as<Real>());
      }
    });
    state.parameters = std::move(x).freeze();
    ++state.updates;
    return state;
  }

 private:
  double decay_;
};

/// Heavy ball (Polyak 1964): v ← μv + g, x ← x − ηv. Nesterov (1983; in the form of Sutskever et al. 2013):
/// v ← μv + g, x ← x − η(g + μv).
class MomentumRule final : public Optimizer {
 public:
  MomentumRule(const Settings& settings, bool nesterov) : momentum_(settings.real("momentum")), nesterov_(nesterov) {}

  std::size_t slots() const override { return 1; }
  double flops_per_parameter() const override { return nesterov_ ? 6 : 4; }

  OptimizerState update(OptimizerState state, const Snapshot& gradient, double learning_rate) const override {
    Buffer x = Buffer::from(std::exchange(state.parameters, {}));
    Buffer velocity = Buffer::from(std::exchange(state.slots[0], {}));
    with_real(x.precision(), [&](auto real) {
      using Real = decltype(real);
      const auto rate = static_cast<Real>(learning_rate);
      const auto mu = static_cast<Real>(momentum_);
      auto v = velocity.as<Real>();
      const auto g = gradient.as<Real>();
      v = mu * v + g;
      if (nesterov_) {
        x.as<Real>() -= rate * (g + mu * v);
      } else {
        x.as<Real>() -= rate * v;
      }
    });
    state.parameters = std::move(x).freeze();
    state.slots[0] = std::move(velocity).freeze();
    ++state.updates;
    return state;
  }

 private:
  double momentum_;
  bool nesterov_;
};

/// Adam (Kingma & Ba 2015, algorithm 1): m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x − η m̂ / (√v̂ + ε) with
/// m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
class AdamRule final : public Optimizer {
 public:
  explicit AdamRule(const Settings& settings)
      : beta1_(settings.real("beta1")), beta2_(settings.real("beta2")), epsilon_(settings.real("epsilon")) {}

  std::size_t slots() const override { return 2; }
  double flops_per_parameter() const override { return 14; }

  OptimizerState update(OptimizerState state, const Snapshot& gradient, double learning_rate) const override {
    Buffer x = Buffer::from(std::exchange(state.parameters, {}));
    Buffer first = Buffer::from(std::exchange(state.slots[0], {}));
    Buffer second = Buffer::from(std::exchange(state.slots[1], {}));
    const auto step = static_cast<double>(++state.updates);
    with_real(x.precision(), [&](auto real) {
      using Real = decltype(real);
      const auto b1 = static_cast<Real>(beta1_);
      const auto b2 = static_cast<Real>(beta2_);
      auto m = first.as<Real>();
      auto v = second.as<Real>();
      const auto g = gradient.as<Real>().array();
      m.array() = b1 * m.array() + (1 - b1) * g;
      v.array() = b2 * v.array() + (1 - b2) * g.square();
      const auto rate = static_cast<Real>(learning_rate / (1 - std::pow(beta1_, step)));
      const auto unbias = static_cast<Real>(1 / (1 - std::pow(beta2_, step)));
      x.as<Real>().array() -= rate * m.array() / ((unbias * v.array()).sqrt() + static_cast<Real>(epsilon_));
    });
    state.parameters = std::move(x).freeze();
    state.slots[0] = std::move(first).freeze();
    state.slots[1] = std::move(second).freeze();
    return state;
  }

 private:
  double beta1_;
  double beta2_;
  double epsilon_;
};

Parameter learning_rate() {
  return {.name = "learning-rate",
          .type = ParameterType::real,
          .fallback = std::nullopt,
          .meaning = "step size eta, before the schedule",
          .least = 0,
          .above = true};
}

Parameter fraction(std::string name, std::string fallback, std::string meaning) {
  return {.name = std::move(name),
          .type = ParameterType::real,
          .fallback = std::move(fallback),
          .meaning = std::move(meaning),
          .least = 0,
          .most = 0.9999999};
}

const std::vector<OptimizerRow>& table() {
  static const std::vector<OptimizerRow> rows = {
      {{"sgd",
        "x <- x - eta (g + lambda x)",
        "Robbins & Monro 1951",
        {learning_rate(),
         {.name = "weight-decay",
          .type = ParameterType::real,
          .fallback = "0",
          .meaning = "lambda: pulls parameters to zero",
          .least = 0}}},
       [](const Settings& settings) -> std::unique_ptr<Optimizer> { return std::make_unique<SgdRule>(settings); }},
      {{"momentum",
        "heavy ball: v <- mu v + g, x <- x - eta v",
        "Polyak 1964",
        {learning_rate(), fraction("momentum", "0.9", "mu: what is kept of the velocity")}},
       [](const Settings& settings) -> std::unique_ptr<Optimizer> {
         return std::make_unique<MomentumRule>(settings, false);
       }},
      {{"nesterov",
        "v <- mu v + g, x <- x - eta (g + mu v)",
        "Nesterov 1983; Sutskever et al. 2013",
        {learning_rate(), fraction("momentum", "0.9", "mu: what is kept of the velocity")}},
       [](const Settings& settings) -> std::unique_ptr<Optimizer> {
         return std::make_unique<MomentumRule>(settings, true);
       }},
      {{"adam",
        "x <- x - eta m' / (sqrt(v') + epsilon), with bias-corrected means m' of g and v' of g^2",
        "Kingma & Ba 2015, algorithm 1",
        {learning_rate(),
         fraction("beta1", "0.9", "decay of the mean of g"),
         fraction("beta2", "0.999", "decay of the mean of g^2"),
         {.name = "epsilon",
          .type = ParameterType::real,
          .fallback = "1e-8",
          .meaning = "keeps the step finite",
          .least = 0,
          .above = true}}},
       [](const Settings& settings) -> std::unique_ptr<Optimizer> { return std::make_unique<AdamRule>(settings); }},
  };
  return rows;
}

}  // namespace

OptimizerState Optimizer::initial(Snapshot parameters) const {
  OptimizerState state;
  for (std::size_t slot = 0; slot < slots(); ++slot) {
    state.slots.push_back(Buffer::zeros(parameters.precision(), parameters.size()).freeze());
  }
  state.parameters = std::move(parameters);
  return state;
}

std::span<const OptimizerRow> optimizer_rows() {
  return table();
}

std::unique_ptr<Optimizer> make_optimizer(std::string_view name, const Settings& settings) {
  const auto& rows = table();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.entry.name == name; });
  if (row == rows.end()) {
    throw std::logic_error("no such optimizer");
  }
  return row->make(settings);
}

}  // namespace descent
