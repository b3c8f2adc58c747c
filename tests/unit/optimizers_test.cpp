#include "algorithms/optimizers/optimizers.hpp"
#include "algorithms/core/error.hpp"
#include "algorithms/models/quadratic.hpp"
#include "algorithms/optimizers/layerwise_rules.hpp"
#include "algorithms/optimizers/rules.hpp"
#include "tests/unit/counting_real.hpp"
#include "tests/unit/model_helpers.hpp"

#include <gtest/gtest.h>
#include <array>
#include <cmath>
#include <functional>

namespace descent {
namespace {

std::unique_ptr<Optimizer> optimizer(const std::string& name, std::map<std::string, std::string> given = {},
                                     const std::vector<std::size_t>& tensors = {}, const Composite& composite = {}) {
  given.try_emplace("learning-rate", "0.1");
  for (const OptimizerRow& row : optimizer_rows()) {
    if (row.entry.name == name) {
      std::vector<Complaint> complaints;
      const Settings settings = check_settings(row.entry.parameters, given, complaints);
      EXPECT_TRUE(complaints.empty()) << complaints.front().what;
      return make_optimizer(name, settings, {.tensors = tensors, .composite = composite});
    }
  }
  return nullptr;
}

/// What an optimizer cannot do without.
Composite box_for(const OptimizerRow& row) {
  Composite composite;
  if (row.direction == Direction::conditional) {
    composite.constraint = find_constraint("box").make(Settings({{"lower", "-2"}, {"upper", "3"}}));
  }
  return composite;
}

template <class Real>
Snapshot snapshot(const Vector<Real>& values) {
  Buffer buffer(precision_of<Real>, static_cast<std::size_t>(values.size()));
  buffer.as<Real>() = values;
  return std::move(buffer).freeze();
}

/// A parameter after each of three updates along gradients 1, −2, 0.5 from x = 1, in both precisions and in every
/// place of vectors of several lengths (whole vector instructions, rests, and none).
void expect_steps(const Optimizer& rule, double rate, const std::array<double, 3>& expected) {
  const std::array<double, 3> gradients{1, -2, 0.5};
  for (const Precision precision : {Precision::single_precision, Precision::double_precision}) {
    for (const Eigen::Index length : {0, 1, 3, 16, 37}) {
      with_real(precision, [&](auto real) {
        using Real = decltype(real);
        OptimizerState state = rule.initial(snapshot<Real>(Vector<Real>::Constant(length, 1)));
        for (std::size_t t = 0; t < 3; ++t) {
          const auto g = static_cast<Real>(gradients[t]);
          state = rule.update(std::move(state), snapshot<Real>(Vector<Real>::Constant(length, g)), rate);
          for (const Real x : state.parameters.as<Real>()) {
            EXPECT_NEAR(x, expected[t], sizeof(Real) == sizeof(float) ? 1e-6 : 1e-14);
          }
        }
        EXPECT_EQ(state.updates, 3U);
        EXPECT_EQ(state.parameters.size(), static_cast<std::size_t>(length));
      });
    }
  }
}

TEST(Optimizers, Sgd) {
  expect_steps(*optimizer("sgd"), 0.1, {0.9, 1.1, 1.05});
  // 1 − 0.1(1 + 0.5·1) = 0.85; 0.85 − 0.1(−2 + 0.425) = 1.0075; 1.0075 − 0.1(0.5 + 0.50375) = 0.907125.
  expect_steps(*optimizer("sgd", {{"weight-decay", "0.5"}}), 0.1, {0.85, 1.0075, 0.907125});
}

TEST(Optimizers, Momentum) {
  // v = 1, 0.5 − 2 = −1.5, −0.75 + 0.5 = −0.25.
  expect_steps(*optimizer("momentum", {{"momentum", "0.5"}}), 0.1, {0.9, 1.05, 1.075});
  expect_steps(*optimizer("momentum", {{"momentum", "0"}}), 0.1, {0.9, 1.1, 1.05});
}

TEST(Optimizers, Nesterov) {
  // v as for momentum; g + v/2 = 1.5, −2.75, 0.375.
  expect_steps(*optimizer("nesterov", {{"momentum", "0.5"}}), 0.1, {0.85, 1.125, 1.0875});
}

TEST(Optimizers, Adagrad) {
  // ε = 1. h = 1, 5, 5.25.
  const double x1 = 1 - 0.1 * 1 / (1 + 1);
  const double x2 = x1 + 0.1 * 2 / (std::sqrt(5.0) + 1);
  const double x3 = x2 - 0.1 * 0.5 / (std::sqrt(5.25) + 1);
  expect_steps(*optimizer("adagrad", {{"epsilon", "1"}}), 0.1, {x1, x2, x3});
}

TEST(Optimizers, RmsProp) {
  // ρ = ¾, ε = 1. v = ¼, 1.1875, 0.953125.
  const double x1 = 1 - 0.1 * 1 / (0.5 + 1);
  const double x2 = x1 + 0.1 * 2 / (std::sqrt(1.1875) + 1);
  const double x3 = x2 - 0.1 * 0.5 / (std::sqrt(0.953125) + 1);
  expect_steps(*optimizer("rmsprop", {{"rho", "0.75"}, {"epsilon", "1"}}), 0.1, {x1, x2, x3});
}

TEST(Optimizers, Adam) {
  // β₁ = ½, β₂ = ¾, ε = 1. m = ½, −¾, −⅛; v = ¼, 1.1875, 0.953125. Corrections 1 − β₁ᵗ = ½, ¾, ⅞;
  // 1 − β₂ᵗ = 0.25, 0.4375, 0.578125. So m̂ = 1, −1, −1/7 and v̂ = 1, 19/7, 61/37.
  const double x1 = 1 - 0.1 * 1 / (1 + 1);
  const double x2 = x1 + 0.1 * 1 / (std::sqrt(19 / 7.0) + 1);
  const double x3 = x2 + 0.1 * (1 / 7.0) / (std::sqrt(61 / 37.0) + 1);
  expect_steps(*optimizer("adam", {{"beta1", "0.5"}, {"beta2", "0.75"}, {"epsilon", "1"}}), 0.1, {x1, x2, x3});
}

TEST(Optimizers, AdamW) {
  // Moments as for adam; λ = ½.
  const std::map<std::string, std::string> given = {{"beta1", "0.5"}, {"beta2", "0.75"}, {"epsilon", "1"}};
  const double x1 = 1 - 0.1 * (1.0 / (1 + 1) + 0.5 * 1);
  const double x2 = x1 - 0.1 * (-1 / (std::sqrt(19 / 7.0) + 1) + 0.5 * x1);
  const double x3 = x2 - 0.1 * (-(1 / 7.0) / (std::sqrt(61 / 37.0) + 1) + 0.5 * x2);
  auto decaying = given;
  decaying["weight-decay"] = "0.5";
  expect_steps(*optimizer("adamw", decaying), 0.1, {x1, x2, x3});
}

TEST(Optimizers, AdamWWithoutDecayIsAdam) {
  const auto adam = optimizer("adam");
  const auto adamw = optimizer("adamw", {{"weight-decay", "0"}});
  OptimizerState a = adam->initial(snapshot<float>(normal_vector<float>(100, 1)));
  OptimizerState b = a;
  for (std::uint64_t step = 0; step < 5; ++step) {
    const Snapshot gradient = snapshot<float>(normal_vector<float>(100, 2 + step));
    a = adam->update(std::move(a), gradient, 0.1);
    b = adamw->update(std::move(b), gradient, 0.1);
  }
  EXPECT_EQ(a.parameters.digest(), b.parameters.digest());
}

/// The state after updates along `gradients`, in double precision.
Vector<double> after(const Optimizer& rule, const Vector<double>& start, const std::vector<Vector<double>>& gradients,
                     double rate) {
  OptimizerState state = rule.initial(snapshot<double>(start));
  for (const Vector<double>& gradient : gradients) {
    state = rule.update(std::move(state), snapshot<double>(gradient), rate);
  }
  return state.parameters.as<double>();
}

/// A tensor (3, 4) that moves along itself, so that its norm is the factor of (3, 4)/5, and a bias that starts at zero.
/// c = 0.1, β = ½, μ = ½, η = 2.
TEST(Optimizers, Lars) {
  const std::vector<std::size_t> tensors{2, 1};
  const auto lars =
      optimizer("lars", {{"momentum", "0.5"}, {"weight-decay", "0.5"}, {"trust-coefficient", "0.1"}}, tensors);
  const auto vector = [](double norm, double bias) {
    Vector<double> x(3);
    x << 0.6 * norm, 0.8 * norm, bias;
    return x;
  };
  // Weights: λ = 0.1·5/(10 + 2.5) = 0.04, v = 2·0.04·12.5 = 1; λ = 0.1·4/(10 + 2) = 1/30, v = ½ + 2/30·(−10 + 2) =
  // −1/30; λ = 0.1·(121/30)/(5 + 121/60) = 24.2/421, v = −1/60 + 2λ(5 + 121/60) = 0.79. Bias: λ = 1 at zero, v = 2·2 =
  // 4; λ = 0.1·4/(2 + 2) = 0.1, v = 2 + 0.2·(−2 − 2) = 1.2; λ = 1 without gradient, v = 0.6 + 2·(0 − 2.6) = −4.6.
  const std::vector<Vector<double>> gradients{vector(10, 2), vector(-10, -2), vector(5, 0)};
  const std::vector<Vector<double>> expected{vector(4, -4), vector(121 / 30.0, -5.2), vector(121 / 30.0 - 0.79, -0.6)};
  for (std::size_t steps = 1; steps <= 3; ++steps) {
    const std::vector<Vector<double>> first(gradients.begin(), gradients.begin() + static_cast<std::ptrdiff_t>(steps));
    EXPECT_TRUE(after(*lars, vector(5, 0), first, 2).isApprox(expected[steps - 1], 1e-14)) << steps;
  }
}

/// Two tensors; moments as for adam (β₁ = ½, β₂ = ¾, ε = 1) where the gradient is (1, −2, ½), λ = ½.
TEST(Optimizers, Lamb) {
  const std::vector<std::size_t> tensors{2, 1};
  const auto lamb =
      optimizer("lamb", {{"beta1", "0.5"}, {"beta2", "0.75"}, {"epsilon", "1"}, {"weight-decay", "0.5"}}, tensors);
  const std::array<double, 3> gradients{1, -2, 0.5};
  const std::array<double, 3> adam{1 / (1.0 + 1), -1 / (std::sqrt(19 / 7.0) + 1),
                                   -(1 / 7.0) / (std::sqrt(61 / 37.0) + 1)};
  Vector<double> x(3);
  x << 1, -2, 0;
  Vector<double> expected = x;
  std::vector<Vector<double>> along;
  for (std::size_t t = 0; t < 3; ++t) {
    Vector<double> g(3);
    g << gradients[t], -gradients[t], gradients[t];
    along.push_back(g);
    Vector<double> r(3);
    r << adam[t], -adam[t], adam[t];
    r += 0.5 * expected;
    const double weights = expected.head(2).norm() / r.head(2).norm();
    const double bias = t == 0 ? 1 : std::abs(expected(2)) / std::abs(r(2));
    expected.head(2) -= 0.1 * weights * r.head(2);
    expected(2) -= 0.1 * bias * r(2);
    EXPECT_TRUE(after(*lamb, x, along, 0.1).isApprox(expected, 1e-14)) << t;
  }
}

TEST(Optimizers, LayerwiseTensorsAreUpdatedAsIfAlone) {
  const std::vector<std::size_t> tensors{500, 1, 37, 463};
  for (const OptimizerRow& row : optimizer_rows()) {
    if (!row.layerwise) {
      continue;
    }
    const auto all = optimizer(row.entry.name, {}, tensors);
    const auto one = optimizer(row.entry.name);
    const Snapshot start = snapshot<float>(normal_vector<float>(1001, 1));
    OptimizerState whole = all->initial(start);
    OptimizerState part = one->initial(start.slice(501, 37));
    for (std::uint64_t step = 0; step < 5; ++step) {
      const Snapshot gradient = snapshot<float>(normal_vector<float>(1001, 10 + step));
      whole = all->update(std::move(whole), gradient, 0.1);
      part = one->update(std::move(part), gradient.slice(501, 37), 0.1);
    }
    EXPECT_EQ(whole.parameters.slice(501, 37).digest(), part.parameters.digest()) << row.entry.name;
    EXPECT_THROW(all->update(all->initial(start.slice(0, 500)), start.slice(0, 500), 0.1), std::logic_error);
  }
}

TEST(Optimizers, NormsAreSummedInDouble) {
  // In single precision the sum would stay at 2²⁴.
  EXPECT_EQ(squared_norm<float>(20'000'000, [](std::size_t) { return 1.0F; }), 20'000'000);
  const Vector<double> x = normal_vector<double>(1003, 1);
  EXPECT_NEAR(squared_norm<double>(1003, [&](std::size_t i) { return x(static_cast<Eigen::Index>(i)); }),
              x.squaredNorm(), 1e-10);
  EXPECT_EQ(squared_norm<double>(0, [](std::size_t) { return 1.0; }), 0);
}

TEST(Optimizers, AdamsFirstStepIsTheLearningRate) {
  const auto adam = optimizer("adam");
  OptimizerState state = adam->initial(snapshot<double>(Vector<double>::Zero(3)));
  Vector<double> gradient(3);
  gradient << 1e-3, -7, 400;
  state = adam->update(std::move(state), snapshot<double>(gradient), 0.01);
  EXPECT_NEAR(state.parameters.as<double>()(0), -0.01, 1e-6);
  EXPECT_NEAR(state.parameters.as<double>()(1), 0.01, 1e-9);
  EXPECT_NEAR(state.parameters.as<double>()(2), -0.01, 1e-9);
}

TEST(Optimizers, APartIsUpdatedToTheSameBits) {
  constexpr std::size_t kSize = 1001;
  for (const OptimizerRow& row : optimizer_rows()) {
    if (row.layerwise) {
      continue;  // needs the whole
    }
    const auto rule = optimizer(row.entry.name, {}, {}, box_for(row));
    const Snapshot start = snapshot<float>(normal_vector<float>(kSize, 1));
    OptimizerState whole = rule->initial(start);
    OptimizerState part = rule->initial(start.slice(13, 500));
    for (std::uint64_t step = 0; step < 5; ++step) {
      const Snapshot gradient = snapshot<float>(normal_vector<float>(kSize, 10 + step));
      whole = rule->update(std::move(whole), gradient, 0.1);
      part = rule->update(std::move(part), gradient.slice(13, 500), 0.1);
    }
    EXPECT_EQ(whole.parameters.slice(13, 500).digest(), part.parameters.digest()) << row.entry.name;
  }
}

TEST(Optimizers, AFactorScalesTheGradientToTheSameBits) {
  const Snapshot gradient = snapshot<float>(normal_vector<float>(1001, 2));
  Buffer scaled = Buffer::from(gradient);
  scaled.scale(1.0 / 3);
  const Snapshot third = std::move(scaled).freeze();
  for (const OptimizerRow& row : optimizer_rows()) {
    const auto rule = optimizer(row.entry.name, {}, {}, box_for(row));
    OptimizerState with_factor = rule->initial(snapshot<float>(normal_vector<float>(1001, 1)));
    OptimizerState with_scaled = with_factor;
    for (int step = 0; step < 3; ++step) {
      with_factor = rule->update(std::move(with_factor), gradient, 0.1, 1.0 / 3);
      with_scaled = rule->update(std::move(with_scaled), third, 0.1);
    }
    EXPECT_EQ(with_factor.parameters.digest(), with_scaled.parameters.digest()) << row.entry.name;
  }
}

TEST(Optimizers, UpdateInPlaceUnlessSomebodyElseHoldsTheVector) {
  for (const OptimizerRow& row : optimizer_rows()) {
    const auto rule = optimizer(row.entry.name, {}, {}, box_for(row));
    const Snapshot gradient = snapshot<double>(Vector<double>::Ones(100));
    OptimizerState state = rule->initial(snapshot<double>(Vector<double>::Ones(100)));
    const std::byte* const memory = state.parameters.data();
    state = rule->update(std::move(state), gradient, 0.1);
    EXPECT_EQ(state.parameters.data(), memory);
    const OptimizerState held = state;
    const std::string digest = held.parameters.digest();
    state = rule->update(std::move(state), gradient, 0.1);
    EXPECT_NE(state.parameters.data(), memory);
    EXPECT_EQ(held.parameters.digest(), digest);
    EXPECT_NE(state.parameters.digest(), digest);
  }
}

TEST(Optimizers, MismatchedVectorsAreAProgrammingError) {
  const auto rule = optimizer("momentum");
  const auto ones = [](Eigen::Index n) { return snapshot<double>(Vector<double>::Ones(n)); };
  EXPECT_THROW(rule->update(rule->initial(ones(3)), ones(4), 0.1), std::logic_error);
  EXPECT_THROW(rule->update(rule->initial(ones(3)), snapshot<float>(Vector<float>::Ones(3)), 0.1), std::logic_error);
  EXPECT_THROW(rule->update(OptimizerState{.parameters = ones(3), .slots = {}}, ones(3), 0.1), std::logic_error);
}

template <class Rule, class... Slots>
void expect_flops(const Rule& rule, Slots... slots) {
  const auto step = rule.template step<CountingReal>(0.1, 3);
  CountingReal x = 1;
  CountingReal::reset();
  step(CountingReal(0.5), x, slots...);
  EXPECT_EQ(static_cast<double>(CountingReal::counted()), rule.flops_per_parameter());
}

TEST(Optimizers, FlopsPerParameter) {
  CountingReal m = 0;
  CountingReal v = 0;
  const auto in = [](CountingReal& slot) { return std::ref(slot); };
  expect_flops(rules::Sgd{});
  expect_flops(rules::Sgd{.weight_decay = 0.1});
  expect_flops(rules::Momentum{}, in(m));
  expect_flops(rules::Nesterov{}, in(m));
  expect_flops(rules::Adagrad{}, in(v));
  expect_flops(rules::RmsProp{}, in(v));
  expect_flops(rules::Adam{}, in(m), in(v));
  expect_flops(rules::AdamW{}, in(m), in(v));
}

/// Flops of a layer-wise update of so many parameters.
template <class Rule, std::size_t... slot>
double layerwise_flops(const Rule& rule, std::size_t size, std::index_sequence<slot...> /*indices*/) {
  std::vector<CountingReal> g(size, 0.5);
  std::vector<CountingReal> x(size, 1);
  std::array<std::vector<CountingReal>, sizeof...(slot)> slots;
  slots.fill(std::vector<CountingReal>(size, 1));
  CountingReal::reset();
  rule.template update<CountingReal>(0.1, 3, 1, size, g.data(), x.data(), slots[slot].data()...);
  return static_cast<double>(CountingReal::counted());
}

/// What is done once per tensor falls out of the difference, as does the product with the factor of a gradient, which
/// elementwise rules are not charged either.
template <class Rule>
void expect_layerwise_flops(const Rule& rule, double products_with_factor) {
  const auto slots = std::make_index_sequence<Rule::slots>();
  const double counted = layerwise_flops(rule, 160, slots) - layerwise_flops(rule, 80, slots);
  EXPECT_EQ(counted / 80 - products_with_factor, rule.flops_per_parameter());
}

TEST(Optimizers, LayerwiseFlopsPerParameter) {
  expect_layerwise_flops(rules::Lars{}, 2);
  expect_layerwise_flops(rules::Lamb{}, 1);
}

TEST(Optimizers, EveryEntryHasALearningRate) {
  for (const OptimizerRow& row : optimizer_rows()) {
    for (const char* rate : {"0", "-1", "nan", "fast"}) {
      std::vector<Complaint> complaints;
      check_settings(row.entry.parameters, {{"learning-rate", rate}}, complaints);
      EXPECT_EQ(complaints.size(), 1U) << row.entry.name << " " << rate;
    }
    std::vector<Complaint> complaints;
    check_settings(row.entry.parameters, {}, complaints);
    if (row.direction != Direction::conditional) {
      ASSERT_EQ(complaints.size(), 1U);
      EXPECT_EQ(complaints[0].parameter, "learning-rate");
    } else {
      EXPECT_TRUE(complaints.empty());
    }
    EXPECT_FALSE(row.entry.reference.empty());
  }
  try {
    make_optimizer("adamm", Settings());
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "optimizer 'adamm' is unknown (did you mean 'adam'?); known: sgd, momentum, nesterov, "
                 "adagrad, rmsprop, adam, adamw, lars, lamb, frank-wolfe");
  }
}

/// Distances ‖x_t − x*‖ of an optimizer on a quadratic without noise, from 1 on.
std::vector<double> distances(
    const Optimizer& rule, double condition, double rate, int steps,
    const std::function<double(int)>& factor = [](int) { return 1.0; }) {
  const QuadraticModel<double> model({.dimension = 30, .condition = condition, .spectrum = Spectrum::linear}, 5);
  const SampleData<double> none(0, 0, 0);
  OptimizerState state = rule.initial(snapshot<double>(Vector<double>::Zero(30)));
  std::vector<double> result;
  for (int t = 0; t < steps; ++t) {
    const Vector<double> x = state.parameters.as<double>();
    result.push_back((x - model.optimum()).norm());
    state = rule.update(std::move(state), snapshot<double>(gradient_of(model, x, none.batch())), rate * factor(t));
  }
  return result;
}

/// With η = 2/(λ_min + λ_max) gradient descent contracts by (κ − 1)/(κ + 1) = 1 − 2/(κ + 1) a step (Nesterov 2004,
/// theorem 2.1.15), and on a quadratic no faster in the end.
TEST(Optimizers, SgdContractsAtItsTheoreticalRate) {
  for (const double condition : {2.0, 20.0, 100.0}) {
    const auto distance = distances(*optimizer("sgd"), condition, 2 / (1 + 1 / condition), 400);
    const double contraction = 1 - 2 / (condition + 1);
    for (std::size_t t = 0; t < distance.size() && distance[t] > 1e-12; ++t) {
      EXPECT_LE(distance[t], std::pow(contraction, static_cast<double>(t)) * (1 + 1e-9) + 1e-14);
      if (t > 0) {
        EXPECT_LE(distance[t] / distance[t - 1], contraction * (1 + 1e-6) + 1e-3 * (distance[t] < 1e-9));
      }
    }
    if (condition > 50) {
      EXPECT_NEAR(distance[399] / distance[398], contraction, 1e-3);
    }
  }
}

/// Heavy ball with η = 4/(1 + √λ_min)², μ = ((√κ − 1)/(√κ + 1))² converges like (√κ − 1)/(√κ + 1) a step (Polyak
/// 1964), Nesterov's method with η = 1, μ as below like √(1 − 1/√κ): both far faster than gradient descent.
TEST(Optimizers, MomentumConvergesWithTheRootOfTheCondition) {
  const double root = 10;
  const double ball = (root - 1) / (root + 1);
  const double rate = 4 / std::pow(1 + 1 / root, 2);
  const auto polyak = distances(*optimizer("momentum", {{"momentum", std::to_string(ball * ball)}}), 100, rate, 201);
  const auto nesterov = distances(*optimizer("nesterov", {{"momentum", std::to_string(ball)}}), 100, 1, 201);
  const auto plain = distances(*optimizer("sgd"), 100, 2 / 1.01, 201);
  // The bounds carry a factor that grows no faster than t.
  EXPECT_LT(polyak[200], 200 * std::pow(ball, 200));
  EXPECT_LT(nesterov[200], 200 * std::pow(std::sqrt(1 - 1 / root), 200));
  EXPECT_GT(plain[200], 1e3 * polyak[200]);
  EXPECT_GT(plain[200], 1e3 * nesterov[200]);
}

/// Duchi, Hazan & Singer 2011, theorem 5 with ε = 0: Σ F(x_t) − F* ≤ (D²/(2η) + η) Σᵢ ‖g_{1:T,i}‖, D the largest
/// |x_t − x*| of any coordinate.
TEST(Optimizers, AdagradsRegretIsWithinItsBound) {
  const QuadraticModel<double> model({.dimension = 30, .condition = 100, .spectrum = Spectrum::linear}, 5);
  const SampleData<double> none(0, 0, 0);
  const auto adagrad = optimizer("adagrad");
  for (const double rate : {0.01, 0.1, 1.0}) {
    OptimizerState state = adagrad->initial(snapshot<double>(Vector<double>::Zero(30)));
    double regret = 0;
    double largest = 0;
    Vector<double> squares = Vector<double>::Zero(30);
    for (int t = 0; t < 500; ++t) {
      const Vector<double> x = state.parameters.as<double>();
      const Vector<double> g = gradient_of(model, x, none.batch());
      regret += model.evaluate(x, none.batch()).loss();
      largest = std::max(largest, (x - model.optimum()).cwiseAbs().maxCoeff());
      squares += g.cwiseAbs2();
      state = adagrad->update(std::move(state), snapshot<double>(g), rate);
      ASSERT_LE(regret, (largest * largest / (2 * rate) + rate) * squares.cwiseSqrt().sum()) << t;
    }
  }
}

/// None of these has a rate on a quadratic at a constant step: as far as their steps shrink, so do their distances.
TEST(Optimizers, TheOthersConvergeWithTheirSteps) {
  const std::map<std::string, std::string> no_decay = {{"weight-decay", "0"}};
  const auto halving = [](int t) { return std::pow(0.5, t / 100); };
  for (const auto& [name, given] : {std::pair<std::string, std::map<std::string, std::string>>{"adagrad", {}},
                                    {"rmsprop", {}},
                                    {"adam", {}},
                                    {"adamw", no_decay},
                                    {"lars", {{"weight-decay", "0"}, {"trust-coefficient", "1"}}},
                                    {"lamb", no_decay}}) {
    const auto distance = distances(*optimizer(name, given), 20, name == "adagrad" ? 0.5 : 0.05, 1501, halving);
    EXPECT_LT(distance[1500], 1e-3) << name;
  }
}

/// It is one of λ/2 ‖x‖²: at the fixed point the gradient is −λx.
TEST(Optimizers, WeightDecayOfSgdIsARegularizer) {
  const QuadraticModel<double> model({.dimension = 30, .condition = 20, .spectrum = Spectrum::linear}, 5);
  const SampleData<double> none(0, 0, 0);
  const auto rule = optimizer("sgd", {{"weight-decay", "0.25"}});
  OptimizerState state = rule->initial(snapshot<double>(Vector<double>::Zero(30)));
  for (int t = 0; t < 500; ++t) {
    const Vector<double> x = state.parameters.as<double>();
    state = rule->update(std::move(state), snapshot<double>(gradient_of(model, x, none.batch())), 1);
  }
  const Vector<double> x = state.parameters.as<double>();
  EXPECT_LT((gradient_of(model, x, none.batch()) + 0.25 * x).norm(), 1e-12);
}

}  // namespace
}  // namespace descent
