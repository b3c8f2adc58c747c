#include "algorithms/optimizers/optimizers.hpp"
#include "algorithms/core/error.hpp"
#include "algorithms/models/quadratic.hpp"
#include "algorithms/optimizers/rules.hpp"
#include "tests/unit/counting_real.hpp"
#include "tests/unit/model_helpers.hpp"

#include <gtest/gtest.h>
#include <array>
#include <cmath>
#include <functional>

namespace descent {
namespace {

std::unique_ptr<Optimizer> optimizer(const std::string& name, std::map<std::string, std::string> given = {}) {
  given.try_emplace("learning-rate", "0.1");
  for (const OptimizerRow& row : optimizer_rows()) {
    if (row.entry.name == name) {
      std::vector<Complaint> complaints;
      const Settings settings = check_settings(row.entry.parameters, given, complaints);
      EXPECT_TRUE(complaints.empty()) << complaints.front().what;
      return make_optimizer(name, settings);
    }
  }
  return nullptr;
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

TEST(Optimizers, Adam) {
  // β₁ = ½, β₂ = ¾, ε = 1. m = ½, −¾, −⅛; v = ¼, 1.1875, 0.953125. Corrections 1 − β₁ᵗ = ½, ¾, ⅞;
  // 1 − β₂ᵗ = 0.25, 0.4375, 0.578125. So m̂ = 1, −1, −1/7 and v̂ = 1, 19/7, 61/37.
  const double x1 = 1 - 0.1 * 1 / (1 + 1);
  const double x2 = x1 + 0.1 * 1 / (std::sqrt(19 / 7.0) + 1);
  const double x3 = x2 + 0.1 * (1 / 7.0) / (std::sqrt(61 / 37.0) + 1);
  expect_steps(*optimizer("adam", {{"beta1", "0.5"}, {"beta2", "0.75"}, {"epsilon", "1"}}), 0.1, {x1, x2, x3});
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
    const auto rule = optimizer(row.entry.name);
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
    const auto rule = optimizer(row.entry.name);
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
    const auto rule = optimizer(row.entry.name);
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
  expect_flops(rules::Adam{}, in(m), in(v));
}

TEST(Optimizers, EveryEntryRequiresALearningRate) {
  for (const OptimizerRow& row : optimizer_rows()) {
    for (const char* rate : {"0", "-1", "nan", "fast"}) {
      std::vector<Complaint> complaints;
      check_settings(row.entry.parameters, {{"learning-rate", rate}}, complaints);
      EXPECT_EQ(complaints.size(), 1U) << row.entry.name << " " << rate;
    }
    std::vector<Complaint> complaints;
    check_settings(row.entry.parameters, {}, complaints);
    ASSERT_EQ(complaints.size(), 1U);
    EXPECT_EQ(complaints[0].parameter, "learning-rate");
    EXPECT_FALSE(row.entry.reference.empty());
  }
  try {
    make_optimizer("adamm", Settings());
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "optimizer 'adamm' is unknown (did you mean 'adam'?); known: sgd, momentum, nesterov, adam");
  }
}

/// Distances ‖x_t − x*‖ of an optimizer on a quadratic without noise, from 1 on.
std::vector<double> distances(const Optimizer& rule, double condition, double rate, int steps) {
  const QuadraticModel<double> model({.dimension = 30, .condition = condition, .spectrum = Spectrum::linear}, 5);
  const SampleData<double> none(0, 0, 0);
  OptimizerState state = rule.initial(snapshot<double>(Vector<double>::Zero(30)));
  std::vector<double> result;
  for (int t = 0; t < steps; ++t) {
    const Vector<double> x = state.parameters.as<double>();
    result.push_back((x - model.optimum()).norm());
    state = rule.update(std::move(state), snapshot<double>(gradient_of(model, x, none.batch())), rate);
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

}  // namespace
}  // namespace descent
