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

/// The optimum of ½·l2·‖w‖² + mean hinge loss from its dual, max Σα − ‖Σ α ŷ a‖²/(2 l2) over 0 ≤ α ≤ 1/n and Σ α ŷ = 0,
/// by sequential minimal optimization with the maximal violating pair (Keerthi et al. 2001). Both values enclose F*.
struct SvmOptimum {
  Vector<double> x;
  double primal = 0;
  double dual = 0;
};

SvmOptimum svm_optimum(const SampleData<double>& data, double l2) {
  const Eigen::Index n = data.targets.size();
  const double box = 1 / static_cast<double>(n);
  const Vector<double> sign = 2 * data.targets.array() - 1;
  const Matrix<double> kernel = data.inputs.transpose() * data.inputs / l2;
  Vector<double> alpha = Vector<double>::Zero(n);
  double bias = 0;
  for (int step = 0; step < 100000; ++step) {
    // What the bias would have to be for each sample to lie on its margin.
    const Vector<double> on_margin = sign - kernel * alpha.cwiseProduct(sign);
    Eigen::Index up = -1;
    Eigen::Index down = -1;
    for (Eigen::Index i = 0; i < n; ++i) {
      const bool may_rise = sign(i) > 0 ? alpha(i) < box : alpha(i) > 0;
      const bool may_fall = sign(i) > 0 ? alpha(i) > 0 : alpha(i) < box;
      up = may_rise && (up < 0 || on_margin(i) > on_margin(up)) ? i : up;
      down = may_fall && (down < 0 || on_margin(i) < on_margin(down)) ? i : down;
    }
    bias = (on_margin(up) + on_margin(down)) / 2;
    if (on_margin(up) - on_margin(down) < 1e-13) {
      break;
    }
    const double curvature = kernel(up, up) + kernel(down, down) - 2 * kernel(up, down);
    const double room_up = sign(up) > 0 ? box - alpha(up) : alpha(up);
    const double room_down = sign(down) > 0 ? alpha(down) : box - alpha(down);
    const double move = std::min({(on_margin(up) - on_margin(down)) / curvature, room_up, room_down});
    // Onto the bound itself where it is met, so that rounding leaves nothing over.
    alpha(up) = move == room_up ? (sign(up) > 0 ? box : 0) : alpha(up) + sign(up) * move;
    alpha(down) = move == room_down ? (sign(down) > 0 ? 0 : box) : alpha(down) - sign(down) * move;
  }
  SvmOptimum optimum;
  optimum.x.resize(data.inputs.rows() + 1);
  optimum.x << data.inputs * alpha.cwiseProduct(sign) / l2, bias;
  const double half_norm = 0.5 * l2 * optimum.x.head(data.inputs.rows()).squaredNorm();
  const Vector<double> margins = sign.cwiseProduct((with_ones(data.inputs).transpose() * optimum.x).eval());
  optimum.primal = half_norm + (1 - margins.array()).max(0).mean();
  optimum.dual = alpha.sum() - half_norm;
  return optimum;
}

TEST(ModelOptimum, SvmReachesItsDual) {
  for (const double l2 : {0.05, 0.5}) {
    const SampleData<double> data(4, 80, 2);
    const SvmModel<double> model(4, 1, l2);
    const SvmOptimum optimum = svm_optimum(data, l2);
    ASSERT_NEAR(optimum.primal, optimum.dual, 1e-10);
    EXPECT_NEAR(objective(model, optimum.x, data.batch()), optimum.primal, 1e-12);
    // Subgradient steps 1/(l2·t), and the mean of the iterates weighted by t (Lacoste-Julien et al. 2012): what is not
    // strongly convex, the bias, converges with the rest here.
    Vector<double> x = Vector<double>::Zero(5);
    Vector<double> mean = x;
    for (int t = 1; t <= 200000; ++t) {
      mean += (x - mean) * (2.0 / (t + 1));
      x -= gradient_of(model, x, data.batch()) * (2 / (l2 * (t + 1)));
    }
    const double reached = objective(model, mean, data.batch());
    EXPECT_GE(reached, optimum.dual - 1e-12);
    EXPECT_LT(reached, optimum.primal + 1e-4);
    EXPECT_LT((mean - optimum.x).norm(), 0.02);
  }
}

/// One Newton step of softmax regression with parameters W (column-major), then b. Adding a constant to all biases
/// changes nothing, so the Hessian is singular; a curvature in that direction alone keeps their sum at zero, as
/// gradient descent does.
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
  hessian.bottomRightCorner(classes, classes).array() += 1;
  return hessian.ldlt().solve(gradient);
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
