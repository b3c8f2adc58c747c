#include "algorithms/models/affine.hpp"
#include "algorithms/models/quadratic.hpp"
#include "tests/unit/model_helpers.hpp"

#include <gtest/gtest.h>
#include <Eigen/Dense>

namespace descent {
namespace {

/// Features with a row of ones below, so that the bias is one more weight.
Matrix<double> with_ones(const Matrix<double>& inputs) {
  Matrix<double> extended(inputs.rows() + 1, inputs.cols());
  extended << inputs, Matrix<double>::Ones(1, inputs.cols());
  return extended;
}

/// The Hessian of the regularizer: l2 for each weight, 0 for each bias, which come last.
Matrix<double> ridge(Eigen::Index weights, Eigen::Index biases, double l2) {
  Vector<double> diagonal = Vector<double>::Zero(weights + biases);
  diagonal.head(weights).setConstant(l2);
  return diagonal.asDiagonal();
}

TEST(ModelOptimum, LinearReachesTheNormalEquations) {
  for (const double l2 : {0.0, 0.2}) {
    const SampleData<double> data(5, 60, 0);
    const LinearModel<double> model(5, 1, l2);
    const Matrix<double> a = with_ones(data.inputs);
    const Matrix<double> hessian = a * a.transpose() / 60 + ridge(5, 1, l2);
    const Vector<double> optimum = hessian.ldlt().solve(a * data.targets / 60);
    EXPECT_LT(gradient_of(model, optimum, data.batch()).norm(), 1e-13);
    EXPECT_LT((descend(model, data.batch(), 1 / hessian.trace(), 20000) - optimum).norm(), 1e-8);
    const double mse = (a.transpose() * optimum - data.targets).squaredNorm() / (2 * 60);
    EXPECT_NEAR(model.evaluate(optimum, data.batch()).loss(), mse, 1e-13);
  }
}

TEST(ModelOptimum, LogisticReachesNewtons) {
  for (const double l2 : {0.02, 0.2}) {
    constexpr double kSamples = 80;
    const SampleData<double> data(4, 80, 2);
    const LogisticModel<double> model(4, 1, l2);
    const Matrix<double> a = with_ones(data.inputs);
    const Matrix<double> regularizer = ridge(4, 1, l2);
    Vector<double> x = Vector<double>::Zero(5);
    for (int step = 0; step < 30; ++step) {
      const Vector<double> p = (1 + (-(a.transpose() * x)).array().exp()).inverse();
      const Vector<double> gradient = a * (p - data.targets) / kSamples + regularizer * x;
      const Vector<double> curvature = p.array() * (1 - p.array());
      const Matrix<double> hessian = a * curvature.asDiagonal() * a.transpose() / kSamples + regularizer;
      x -= hessian.ldlt().solve(gradient);
    }
    EXPECT_LT(gradient_of(model, x, data.batch()).norm(), 1e-13);
    EXPECT_LT((descend(model, data.batch(), 0.5, 50000) - x).norm(), 1e-7);
  }
}

/// One Newton step of softmax regression with parameters W (column-major), then b. Adding a constant to all biases
/// changes nothing, so the Hessian is singular; the smallest step keeps their sum at zero, as gradient descent does.
Vector<double> softmax_newton_step(const Matrix<double>& a, const Vector<double>& labels, Eigen::Index classes,
                                   double l2, const Vector<double>& x) {
  const Eigen::Index rows = a.rows();
  const auto samples = static_cast<double>(a.cols());
  const Matrix<double> regularizer = ridge(classes * (rows - 1), classes, l2);
  Vector<double> gradient = regularizer * x;
  Matrix<double> hessian = regularizer;
  for (Eigen::Index i = 0; i < a.cols(); ++i) {
    Vector<double> p = (x.reshaped(classes, rows) * a.col(i)).array().exp();
    p /= p.sum();
    const Matrix<double> curvature = Matrix<double>(p.asDiagonal()) - p * p.transpose();
    p(static_cast<Eigen::Index>(labels(i))) -= 1;
    for (Eigen::Index j = 0; j < rows; ++j) {
      gradient.segment(j * classes, classes) += a(j, i) * p / samples;
      for (Eigen::Index k = 0; k < rows; ++k) {
        hessian.block(j * classes, k * classes, classes, classes) += a(j, i) * a(k, i) * curvature / samples;
      }
    }
  }
  return hessian.completeOrthogonalDecomposition().solve(gradient);
}

TEST(ModelOptimum, SoftmaxReachesNewtons) {
  for (const double l2 : {0.02, 0.2}) {
    const SampleData<double> data(4, 90, 3);
    const SoftmaxModel<double> model(4, 3, l2);
    const Matrix<double> a = with_ones(data.inputs);
    Vector<double> x = Vector<double>::Zero(15);
    for (int step = 0; step < 30; ++step) {
      x -= softmax_newton_step(a, data.targets, 3, l2, x);
    }
    EXPECT_LT(gradient_of(model, x, data.batch()).norm(), 1e-12);
    EXPECT_LT((descend(model, data.batch(), 0.5, 50000) - x).norm(), 1e-7);
  }
}

Matrix<double> hessian_of(const QuadraticModel<double>& model) {
  const SampleData<double> none(0, 0, 0);
  const auto d = static_cast<Eigen::Index>(model.parameters());
  Matrix<double> hessian(d, d);
  for (Eigen::Index i = 0; i < d; ++i) {
    hessian.col(i) = gradient_of(model, model.optimum() + Vector<double>::Unit(d, i), none.batch());
  }
  return hessian;
}

TEST(Quadratic, HasTheStatedSpectrum) {
  const QuadraticModel<double> linear({.dimension = 5, .condition = 9, .spectrum = Spectrum::linear}, 1);
  const QuadraticModel<double> geometric({.dimension = 5, .condition = 16, .spectrum = Spectrum::geometric}, 1);
  Vector<double> expected(5);
  expected << 1 / 9.0, 3 / 9.0, 5 / 9.0, 7 / 9.0, 1;
  EXPECT_TRUE(hessian_of(linear).isApprox(hessian_of(linear).transpose(), 1e-13));
  EXPECT_TRUE(
      Eigen::SelfAdjointEigenSolver<Matrix<double>>(hessian_of(linear)).eigenvalues().isApprox(expected, 1e-12));
  expected << 1 / 16.0, 1 / 8.0, 1 / 4.0, 1 / 2.0, 1;
  EXPECT_TRUE(
      Eigen::SelfAdjointEigenSolver<Matrix<double>>(hessian_of(geometric)).eigenvalues().isApprox(expected, 1e-12));
  // The coordinates are coupled.
  EXPECT_GT(std::abs(hessian_of(linear)(0, 4)), 1e-3);
  const QuadraticModel<double> one({.dimension = 1, .condition = 9}, 1);
  EXPECT_DOUBLE_EQ(hessian_of(one)(0, 0), 1);
}

TEST(Quadratic, HasAKnownOptimumAtDistanceOne) {
  const SampleData<double> none(0, 0, 0);
  const QuadraticModel<double> model({.dimension = 40}, 7);
  EXPECT_NEAR(model.optimum().norm(), 1, 1e-12);
  EXPECT_EQ(gradient_of(model, model.optimum(), none.batch()).norm(), 0);
  const Evaluation at_optimum = model.evaluate(model.optimum(), none.batch());
  EXPECT_EQ(at_optimum.loss(), 0);
  EXPECT_EQ(at_optimum.samples, 1U);
  const Vector<double> start = Vector<double>::Zero(40);
  EXPECT_NEAR(model.evaluate(start, none.batch()).loss(),
              0.5 * model.optimum().dot(hessian_of(model) * model.optimum()), 1e-12);
  EXPECT_LT((descend(model, none.batch(), 1, 20000) - model.optimum()).norm(), 1e-7);

  const QuadraticModel<float> single({.dimension = 40}, 7);
  EXPECT_EQ(single.optimum(), model.optimum().cast<float>());
  const QuadraticModel<double> other({.dimension = 40}, 8);
  EXPECT_GT((other.optimum() - model.optimum()).norm(), 0.1);
}

TEST(Quadratic, NoiseShrinksWithTheRootOfTheBatch) {
  const QuadraticModel<double> model({.dimension = 1000, .noise = 3}, 7);
  const SampleData<double> none(0, 0, 0);
  for (const std::size_t batch : {1U, 16U}) {
    double sum = 0;
    double squares = 0;
    for (std::uint64_t step = 0; step < 200; ++step) {
      const Vector<double> noise =
          gradient_of(model, model.optimum(),
                      {none.inputs, none.targets, batch, RandomStream(1, Purpose::gradient_noise, 0, step)});
      sum += noise.sum();
      squares += noise.squaredNorm();
    }
    // 200,000 draws: the mean within 5 standard errors, the deviation within 1 % (6 of its standard errors).
    const double deviation = 3 / std::sqrt(static_cast<double>(batch));
    EXPECT_NEAR(sum / 200000, 0, 5 * deviation / std::sqrt(200000.0));
    EXPECT_NEAR(std::sqrt(squares / 200000), deviation, 0.01 * deviation);
  }
  const Batch<double> same{none.inputs, none.targets, 1, RandomStream(2, Purpose::gradient_noise)};
  EXPECT_EQ(gradient_of(model, model.optimum(), same), gradient_of(model, model.optimum(), same));
}

}  // namespace
}  // namespace descent
