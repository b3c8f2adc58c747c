// Optimizers on problems with constraints and regularizers, against solutions found another way.
#include "algorithms/constraints/composite.hpp"
#include "algorithms/models/affine.hpp"
#include "algorithms/models/quadratic.hpp"
#include "algorithms/optimizers/optimizers.hpp"
#include "tests/support/data.hpp"
#include "tests/unit/model_helpers.hpp"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace descent {
namespace {

using test::Values;

Snapshot snapshot(const Vector<double>& values) {
  Buffer buffer(Precision::double_precision, static_cast<std::size_t>(values.size()));
  buffer.as<double>() = values;
  return std::move(buffer).freeze();
}

Composite constrained(const std::string& kind, const Values& given = {}) {
  Composite composite;
  composite.constraint = find_constraint(kind).make(test::settings_of(constraint_rows(), kind, given));
  return composite;
}

Composite regularized(const std::string& kind, const Values& given) {
  Composite composite;
  composite.regularizer = find_regularizer(kind).make(test::settings_of(regularizer_rows(), kind, given));
  return composite;
}

std::unique_ptr<Optimizer> composite_optimizer(const std::string& name, const Composite& composite, Values given = {}) {
  given.try_emplace("learning-rate", "1");
  return make_optimizer(name, test::settings_of(optimizer_rows(), name, given),
                        {.tensors = {}, .composite = composite});
}

/// A model's batch, and a constraint or regularizer.
struct Composed {
  const Model<double>& model;
  const Batch<double>& batch;
  const Composite& composite;

  Vector<double> gradient(const Vector<double>& x) const { return gradient_of(model, x, batch); }
  double objective(const Vector<double>& x) const {
    return descent::objective(model, x, batch) +
           (composite.regularizer ? composite.regularizer->value(snapshot(x)) : 0);
  }
  Optimality optimality(const Vector<double>& x) const {
    return optimality_of(composite, snapshot(x), snapshot(gradient(x)));
  }
};

/// The iterates from the nearest point to zero on; `rate` of step t = 0, 1, …
std::vector<Vector<double>> iterates(const Optimizer& rule, const Composed& problem, int steps,
                                     const std::function<double(int)>& rate) {
  Buffer start = Buffer::zeros(Precision::double_precision, problem.model.parameters());
  problem.composite.project(start);
  OptimizerState state = rule.initial(std::move(start).freeze());
  std::vector<Vector<double>> all;
  for (int t = 0; t < steps; ++t) {
    all.emplace_back(state.parameters.as<double>());
    state = rule.update(std::move(state), snapshot(problem.gradient(all.back())), rate(t));
  }
  all.emplace_back(state.parameters.as<double>());
  return all;
}

const std::function<double(int)> kConstant = [](int) { return 1.0; };

QuadraticModel<double> quadratic(double condition) {
  return QuadraticModel<double>({.dimension = 30, .condition = condition, .spectrum = Spectrum::linear}, 5);
}

TEST(Proximal, ThreeStepsByHand) {
  // Box [−1, 0.93] at η = 0.1 from 1 along 1, −2, 0.5: 0.9; 1.1 → 0.93; 0.88.
  const auto boxed = composite_optimizer("sgd", constrained("box", {{"lower", "-1"}, {"upper", "0.93"}}));
  // λ = 2, so 0.2 off at a step: 0.9 → 0.7; 0.9 → 0.7; 0.65 → 0.45.
  const auto lasso = composite_optimizer("sgd", regularized("l1", {{"lambda", "2"}}));
  const std::vector<double> of_box{0.9, 0.93, 0.88};
  const std::vector<double> of_lasso{0.7, 0.7, 0.45};
  OptimizerState box = boxed->initial(snapshot(Vector<double>::Ones(3)));
  OptimizerState sparse = box;
  for (std::size_t t = 0; t < 3; ++t) {
    const Snapshot g = snapshot(Vector<double>::Constant(3, std::vector<double>{1, -2, 0.5}[t]));
    box = boxed->update(std::move(box), g, 0.1);
    sparse = lasso->update(std::move(sparse), g, 0.1);
    EXPECT_NEAR(box.parameters.as<double>()(1), of_box[t], 1e-15);
    EXPECT_NEAR(sparse.parameters.as<double>()(2), of_lasso[t], 1e-15);
    EXPECT_EQ(box.updates, t + 1);
  }
}

TEST(Proximal, CostsItsOptimizerAndItsStep) {
  const Composite ball = constrained("l2-ball", {{"radius", "1"}});
  EXPECT_EQ(composite_optimizer("momentum", ball)->flops_per_parameter(),
            composite_optimizer("momentum", {})->flops_per_parameter() + ball.constraint->projection_flops());
  EXPECT_EQ(composite_optimizer("momentum", ball)->slots(), 1U);
  EXPECT_EQ(composite_optimizer("frank-wolfe", ball)->flops_per_parameter(), ball.constraint->minimizer_flops() + 3);
}

TEST(Proximal, UpdatesInPlaceUnlessSomebodyElseHoldsTheVector) {
  for (const std::string name : {"sgd", "frank-wolfe"}) {
    const auto rule = composite_optimizer(name, constrained("l1-ball", {{"radius", "1"}}));
    OptimizerState state = rule->initial(snapshot(Vector<double>::Ones(100)));
    const std::byte* const memory = state.parameters.data();
    const Snapshot gradient = snapshot(Vector<double>::LinSpaced(100, -1, 2));
    state = rule->update(std::move(state), gradient, 0.1);
    EXPECT_EQ(state.parameters.data(), memory);
    const OptimizerState held = state;
    const std::string digest = held.parameters.digest();
    state = rule->update(std::move(state), gradient, 0.1);
    EXPECT_EQ(held.parameters.digest(), digest);
    EXPECT_NE(state.parameters.digest(), digest);
  }
}

TEST(Proximal, CoupledConstraintsTakeTheWholeVector) {
  const Composite ball = constrained("l2-ball", {{"radius", "1"}});
  const Composite box = constrained("box", {{"lower", "0"}, {"upper", "1"}});
  const Snapshot part = snapshot(Vector<double>::Ones(3));
  for (const std::string name : {"sgd", "frank-wolfe"}) {
    const auto of = [&](const Composite& composite) {
      const auto settings = test::settings_of(optimizer_rows(), name, {{"learning-rate", "1"}});
      return make_optimizer(name, settings, {.tensors = {4, 2}, .composite = composite});
    };
    EXPECT_THROW(of(ball)->update(of(ball)->initial(part), part, 0.1), std::logic_error);
    EXPECT_EQ(of(box)->update(of(box)->initial(part), part, 0.1).updates, 1U);
  }
}

/// With a flat spectrum ½‖x − x*‖² is separable, so the optimum in a box is x* cut to it: for every rule whose
/// directions have the signs of the gradient.
TEST(Constrained, BoxesHaveTheCutOptimum) {
  const auto model = quadratic(1);
  const SampleData<double> none(0, 0, 0);
  const auto batch = none.batch();
  const Composite box = constrained("box", {{"lower", "-0.1"}, {"upper", "0.15"}});
  const Vector<double> expected = model.optimum().cwiseMax(-0.1).cwiseMin(0.15);
  ASSERT_GT((expected - model.optimum()).norm(), 0.1);
  for (const OptimizerRow& row : optimizer_rows()) {
    if (row.direction == Direction::conditional) {
      continue;
    }
    Values given;
    for (const Parameter& parameter : row.entry.parameters) {
      if (parameter.name == "weight-decay") {
        given["weight-decay"] = "0";
      } else if (parameter.name == "trust-coefficient") {
        given["trust-coefficient"] = "1";
      }
    }
    const auto rule = composite_optimizer(row.entry.name, box, given);
    const Vector<double> x =
        iterates(*rule, {model, batch, box}, 2000, [](int t) { return 0.1 * std::pow(0.995, t); }).back();
    EXPECT_LT((x - expected).norm(), 1e-3) << row.entry.name;
    EXPECT_EQ(Composed({model, batch, box}).optimality(x).violation, 0) << row.entry.name;
  }
}

/// The optimum in a ball from the secular equation ‖(A + μI)⁻¹ A x*‖ = radius.
Vector<double> optimum_in_ball(const QuadraticModel<double>& model, double radius) {
  const SampleData<double> none(0, 0, 0);
  const auto d = static_cast<Eigen::Index>(model.parameters());
  Matrix<double> hessian(d, d);
  for (Eigen::Index i = 0; i < d; ++i) {
    hessian.col(i) = gradient_of(model, model.optimum() + Vector<double>::Unit(d, i), none.batch());
  }
  const auto at = [&](double multiplier) -> Vector<double> {
    return (hessian + multiplier * Matrix<double>::Identity(d, d)).ldlt().solve(hessian * model.optimum());
  };
  double low = 0;
  double high = 1e3;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (at(middle).norm() > radius ? low : high) = middle;
  }
  return at(high);
}

TEST(Constrained, BallsHaveTheOptimumOfTheSecularEquation) {
  const auto model = quadratic(20);
  const SampleData<double> none(0, 0, 0);
  const auto batch = none.batch();
  const Vector<double> expected = optimum_in_ball(model, 0.5);
  const Composite ball = constrained("l2-ball", {{"radius", "0.5"}});
  const Composed problem{model, batch, ball};
  for (const std::string name : {"sgd", "momentum", "nesterov"}) {
    const double rate = name == "sgd" ? 1 : 0.1;
    const auto all = iterates(*composite_optimizer(name, ball), problem, 1500, [rate](int) { return rate; });
    EXPECT_LT((all.back() - expected).norm(), 1e-9) << name;
    EXPECT_LT(problem.optimality(all.back()).residual, 1e-9) << name;
    for (const Vector<double>& x : all) {
      ASSERT_LT(problem.optimality(x).violation, 1e-15) << name;
    }
  }
}

/// Projected gradient descent with η = 1/L on a strongly convex F contracts by 1 − 1/κ a step, in any convex set.
TEST(Constrained, ProjectedGradientsContractAtTheirRate) {
  const auto model = quadratic(20);
  const SampleData<double> none(0, 0, 0);
  const auto batch = none.batch();
  for (const auto& [kind, given] : {std::pair<std::string, Values>{"box", {{"lower", "-0.1"}, {"upper", "0.1"}}},
                                    {"non-negative", {}},
                                    {"l2-ball", {{"radius", "0.5"}}},
                                    {"l1-ball", {{"radius", "1"}}},
                                    {"simplex", {}}}) {
    const Composite set = constrained(kind, given);
    const Composed problem{model, batch, set};
    const auto all = iterates(*composite_optimizer("sgd", set), problem, 600, kConstant);
    const Optimality end = problem.optimality(all.back());
    EXPECT_LT(end.residual, 1e-12) << kind;
    EXPECT_LT(end.violation, 1e-14) << kind;
    if (end.gap) {
      EXPECT_NEAR(*end.gap, 0, 1e-11) << kind;
    }
    const Vector<double>& optimum = all.back();
    for (std::size_t t = 0; t < 200; ++t) {
      ASSERT_LE((all[t] - optimum).norm(),
                std::pow(1 - 1 / 20.0, static_cast<double>(t)) * (all[0] - optimum).norm() + 1e-12)
          << kind << " " << t;
    }
  }
}

/// Coordinate descent on mean ½(a·x − y)² + λ₁‖x‖₁ + λ₂/2 ‖x‖² (Friedman et al. 2010), the bias one more coordinate:
/// each in turn at its own optimum, from residuals that are kept up.
Vector<double> coordinate_descent(const SampleData<double>& data, double l1, double l2) {
  Matrix<double> a(data.inputs.rows() + 1, data.inputs.cols());
  a << data.inputs, Matrix<double>::Ones(1, data.inputs.cols());
  const auto samples = static_cast<double>(a.cols());
  Vector<double> x = Vector<double>::Zero(a.rows());
  Vector<double> residual = data.targets;
  for (int sweep = 0; sweep < 2000; ++sweep) {
    for (Eigen::Index j = 0; j < a.rows(); ++j) {
      const Vector<double> feature = a.row(j);
      const double curvature = feature.squaredNorm() / samples;
      const double pull = feature.dot(residual) / samples + curvature * x(j);
      const double next = std::copysign(std::max(std::abs(pull) - l1, 0.0), pull) / (curvature + l2);
      residual -= (next - x(j)) * feature;
      x(j) = next;
    }
  }
  return x;
}

TEST(Regularized, LassoIsWhereCoordinateDescentEnds) {
  const SampleData<double> data(20, 60, 0);
  const LinearModel<double> model(20, 1, 0);
  const auto batch = data.batch();
  for (const auto& [kind, given, l1, l2] :
       {std::tuple<std::string, Values, double, double>{"l1", {{"lambda", "0.1"}}, 0.1, 0},
        {"l2", {{"lambda", "0.1"}}, 0, 0.1},
        {"elastic-net", {{"lambda", "0.2"}, {"l1-ratio", "0.75"}}, 0.15, 0.05}}) {
    const Vector<double> expected = coordinate_descent(data, l1, l2);
    const Composite composite = regularized(kind, given);
    const Composed problem{model, batch, composite};
    const Vector<double> x =
        iterates(*composite_optimizer("sgd", composite), problem, 5000, [](int) { return 0.3; }).back();
    EXPECT_LT((x - expected).norm(), 1e-10) << kind;
    EXPECT_LT(problem.optimality(x).residual, 1e-11) << kind;
    // Zeros are exact, and there are some where there is an l1.
    EXPECT_EQ((x.array() == 0).count(), (expected.array() == 0).count()) << kind;
    EXPECT_EQ((x.array() == 0).any(), l1 > 0) << kind;
  }
}

/// Proximal gradients with η ≤ 1/L: F(x_t) + r(x_t) − min ≤ ‖x₀ − x*‖²/(2ηt) (Beck & Teboulle 2009, theorem 3.1), and
/// it never rises.
TEST(Regularized, LassoConvergesWithinItsBound) {
  const SampleData<double> data(20, 60, 0);
  const LinearModel<double> model(20, 1, 0);
  const auto batch = data.batch();
  const Composite composite = regularized("l1", {{"lambda", "0.1"}});
  const Composed problem{model, batch, composite};
  const Vector<double> expected = coordinate_descent(data, 0.1, 0);
  const double least = problem.objective(expected);
  Matrix<double> a(21, 60);
  a << data.inputs, Matrix<double>::Ones(1, 60);
  const double curvature =
      Eigen::SelfAdjointEigenSolver<Matrix<double>>(a * a.transpose() / 60).eigenvalues().maxCoeff();
  const auto all = iterates(*composite_optimizer("sgd", composite), problem, 300, [&](int) { return 1 / curvature; });
  for (std::size_t t = 1; t < all.size(); ++t) {
    const double excess = problem.objective(all[t]) - least;
    EXPECT_LE(excess, expected.squaredNorm() * curvature / (2 * static_cast<double>(t)));
    EXPECT_LE(problem.objective(all[t]), problem.objective(all[t - 1]) + 1e-15);
  }
}

/// With γ = 2/(t + 2): F(x_t) − F* ≤ 2C/(t + 2), the least gap so far ≤ 27/4 · C/(t + 2), and the gap is never less
/// than F(x_t) − F* (Jaggi 2013, theorems 1 and 2), where C ≤ L · diameter², L = 1.
TEST(FrankWolfe, StaysWithinItsBounds) {
  const auto model = quadratic(20);
  const SampleData<double> none(0, 0, 0);
  const auto batch = none.batch();
  for (const auto& [kind, given, diameter] :
       {std::tuple<std::string, Values, double>{"box", {{"lower", "-0.1"}, {"upper", "0.1"}}, 0.2 * std::sqrt(30)},
        {"l2-ball", {{"radius", "0.5"}}, 1},
        {"l1-ball", {{"radius", "1"}}, 2},
        {"simplex", {}, std::sqrt(2)}}) {
    const Composite set = constrained(kind, given);
    const Composed problem{model, batch, set};
    const double least = problem.objective(iterates(*composite_optimizer("sgd", set), problem, 1000, kConstant).back());
    const double curvature = diameter * diameter;
    double least_gap = INFINITY;
    const auto all = iterates(*composite_optimizer("frank-wolfe", set), problem, 500,
                              [](int t) { return 2 / (static_cast<double>(t) + 2); });
    for (std::size_t t = 1; t < all.size(); ++t) {
      const double excess = problem.objective(all[t]) - least;
      const Optimality optimality = problem.optimality(all[t]);
      ASSERT_TRUE(optimality.gap);
      least_gap = std::min(least_gap, *optimality.gap);
      ASSERT_LE(excess, 2 * curvature / (static_cast<double>(t) + 2)) << kind << " " << t;
      ASSERT_GE(*optimality.gap, excess - 1e-13) << kind << " " << t;
      ASSERT_LE(least_gap, 27.0 / 4 * curvature / (static_cast<double>(t) + 2)) << kind << " " << t;
      ASSERT_LT(optimality.violation, 1e-14) << kind << " " << t;
    }
  }
}

TEST(FrankWolfe, AddsAVertexAStep) {
  const auto model = quadratic(20);
  const SampleData<double> none(0, 0, 0);
  const auto batch = none.batch();
  const Composite ball = constrained("l1-ball", {{"radius", "1"}});
  const auto all = iterates(*composite_optimizer("frank-wolfe", ball), {model, batch, ball}, 10,
                            [](int t) { return 2 / (static_cast<double>(t) + 2); });
  for (std::size_t t = 0; t < all.size(); ++t) {
    EXPECT_LE((all[t].array() != 0).count(), static_cast<Eigen::Index>(t));
  }
  // A learning rate above 1 goes no further than to the vertex.
  const auto far =
      iterates(*composite_optimizer("frank-wolfe", ball), {model, batch, ball}, 1, [](int) { return 3.0; });
  EXPECT_EQ(far.back().lpNorm<1>(), 1);
}

TEST(FrankWolfe, NeedsABoundedSet) {
  EXPECT_THROW(composite_optimizer("frank-wolfe", {}), std::logic_error);
  EXPECT_THROW(composite_optimizer("frank-wolfe", constrained("non-negative")), std::logic_error);
}

}  // namespace
}  // namespace descent
