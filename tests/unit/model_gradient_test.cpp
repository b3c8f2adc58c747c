#include "algorithms/models/affine.hpp"
#include "algorithms/models/mlp.hpp"
#include "algorithms/models/quadratic.hpp"
#include "tests/unit/model_helpers.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <limits>

namespace descent {
namespace {

template <class ModelType>
void expect_gradient_of(const ModelType& model, const SampleData<double>& data, std::uint64_t seed) {
  const Vector<double> x = 0.5 * normal_vector<double>(model.parameters(), seed);
  expect_gradient(model, x, data.batch());
}

TEST(ModelGradient, Affine) {
  for (const double l2 : {0.0, 0.3}) {
    for (const std::size_t features : {1U, 4U, 37U}) {
      for (const std::size_t samples : {1U, 8U, 33U}) {
        expect_gradient_of(LinearModel<double>(features, 1, l2), {features, samples, 0}, 2);
        expect_gradient_of(LogisticModel<double>(features, 1, l2), {features, samples, 2}, 3);
        expect_gradient_of(SvmModel<double>(features, 1, l2), {features, samples, 2}, 3);
        for (const std::size_t classes : {2U, 3U, 10U}) {
          expect_gradient_of(SoftmaxModel<double>(features, classes, l2), {features, samples, classes}, 4);
        }
      }
    }
  }
}

TEST(ModelGradient, Mlp) {
  for (const double l2 : {0.0, 0.3}) {
    for (const Activation activation : {Activation::relu, Activation::tanh}) {
      for (const std::vector<std::size_t>& hidden : {std::vector<std::size_t>{1}, {7}, {16, 5}, {3, 4, 5}}) {
        for (const std::size_t classes : {0U, 2U, 5U}) {
          MlpOptions options{.units = {6}, .activation = activation, .l2 = l2};
          options.units.insert(options.units.end(), hidden.begin(), hidden.end());
          options.units.push_back(std::max<std::size_t>(classes, 1));
          const SampleData<double> data(6, 11, classes);
          if (classes == 0) {
            expect_gradient_of(MlpModel<double, SquaredError>(options), data, 5);
          } else {
            expect_gradient_of(MlpModel<double, CrossEntropy>(options), data, 5);
          }
        }
      }
    }
  }
}

TEST(ModelGradient, Quadratic) {
  for (const std::size_t dimension : {1U, 2U, 50U}) {
    for (const Spectrum spectrum : {Spectrum::linear, Spectrum::geometric}) {
      const QuadraticModel<double> model({.dimension = dimension, .condition = 30, .spectrum = spectrum}, 3);
      expect_gradient_of(model, {0, 0, 0}, 6);
    }
  }
}

TEST(ModelGradient, MlpWithoutHiddenActivationsIsSoftmax) {
  const SampleData<double> data(9, 20, 4);
  const SoftmaxModel<double> softmax(9, 4, 0.1);
  const MlpModel<double, CrossEntropy> mlp({.units = {9, 4}, .activation = Activation::relu, .l2 = 0.1});
  const Vector<double> x = normal_vector<double>(softmax.parameters(), 7);
  EXPECT_EQ(gradient_of(softmax, x, data.batch()), gradient_of(mlp, x, data.batch()));
}

/// The rounding of single precision against double; a bug that only floats have would be far larger.
TEST(ModelGradient, FloatAgreesWithDouble) {
  const MlpOptions options{.units = {784, 64, 10}, .activation = Activation::relu, .l2 = 0.01};
  const SampleData<double> data(784, 32, 10);
  const SampleData<float> single_data(784, 32, 10);
  const MlpModel<double, CrossEntropy> model(options);
  const MlpModel<float, CrossEntropy> single_model(options);
  Vector<double> x(static_cast<Eigen::Index>(model.parameters()));
  Vector<float> single_x(x.size());
  model.initialize(x, RandomStream(1, Purpose::initial_parameters));
  single_model.initialize(single_x, RandomStream(1, Purpose::initial_parameters));
  EXPECT_EQ(single_x, x.cast<float>());
  Vector<float> single_gradient(x.size());
  single_model.gradient(single_x, single_data.batch(), single_gradient);
  const Vector<double> gradient = gradient_of(model, x, data.batch());
  EXPECT_LT((gradient - single_gradient.cast<double>()).norm(), 1e-4 * gradient.norm());
}

TEST(ModelEvaluation, LogisticIsStable) {
  const LogisticModel<double> model(1, 1, 0);
  Matrix<double> inputs(1, 4);
  inputs << 1000, -1000, 1000, -1000;
  Vector<double> targets(4);
  targets << 1, 0, 0, 1;
  const Batch<double> batch{inputs, targets, 4, RandomStream(1, Purpose::test)};
  const Vector<double> x = Vector<double>::Unit(2, 0);
  const Evaluation sums = model.evaluate(x, batch);
  EXPECT_DOUBLE_EQ(sums.loss_sum, 2000);
  EXPECT_EQ(sums.correct, 2U);
  EXPECT_EQ(sums.samples, 4U);
  EXPECT_EQ(sums.accuracy(), 0.5);
  // Residuals 0, 0, 1, −1 times 1000, 1000 over 4 samples.
  EXPECT_NEAR(gradient_of(model, x, batch)(0), (1000 + 1000) / 4.0, 1e-9);
}

TEST(ModelEvaluation, HingeIsZeroBeyondTheMargin) {
  const SvmModel<double> model(1, 1, 0);
  Matrix<double> inputs(1, 4);
  inputs << 2, 0.5, -3, -0.25;
  Vector<double> targets(4);
  targets << 1, 1, 1, 0;
  const Batch<double> batch{inputs, targets, 4, RandomStream(1, Purpose::test)};
  const Vector<double> x = Vector<double>::Unit(2, 0);
  // Margins 2, 0.5, −3, 0.25.
  const Evaluation sums = model.evaluate(x, batch);
  EXPECT_DOUBLE_EQ(sums.loss_sum, 0 + 0.5 + 4 + 0.75);
  EXPECT_EQ(sums.correct, 3U);
  Vector<double> expected(2);
  expected << (-0.5 + 3 - 0.25) / 4, (-1 - 1 + 1) / 4.0;
  EXPECT_EQ(gradient_of(model, x, batch), expected);
}

TEST(ModelEvaluation, SoftmaxIsStable) {
  const SoftmaxModel<float> model(1, 3, 0);
  Matrix<float> inputs(1, 2);
  inputs << 1000, 1000;
  Vector<float> targets(2);
  targets << 0, 2;
  Vector<float> x(6);
  x << 1, 0, -1, 0, 0, 0;
  const Batch<float> batch{inputs, targets, 2, RandomStream(1, Purpose::test)};
  const Evaluation sums = model.evaluate(x, batch);
  EXPECT_FLOAT_EQ(static_cast<float>(sums.loss_sum), 2000);
  EXPECT_EQ(sums.correct, 1U);
  Vector<float> gradient(6);
  model.gradient(x, batch, gradient);
  EXPECT_TRUE(gradient.allFinite());
}

TEST(ModelEvaluation, EqualLogitsCostLogClasses) {
  const SampleData<double> data(5, 40, 10);
  const SoftmaxModel<double> model(5, 10, 1);
  EXPECT_NEAR(model.evaluate(Vector<double>::Zero(60), data.batch()).loss(), std::log(10), 1e-12);
  EXPECT_EQ(model.penalty(Vector<double>::Zero(60)), 0);
  // ½·l2·‖W‖² leaves the biases out.
  EXPECT_DOUBLE_EQ(model.penalty(Vector<double>::Constant(60, 2)), 0.5 * 50 * 4);
}

TEST(ModelEvaluation, PartsAddUp) {
  const SampleData<double> data(6, 30, 3);
  const MlpModel<double, CrossEntropy> model({.units = {6, 8, 3}, .activation = Activation::tanh, .l2 = 0});
  const Vector<double> x = normal_vector<double>(model.parameters(), 1);
  Evaluation sums;
  for (const auto& [begin, count] : {std::pair{0, 7}, {7, 13}, {20, 10}}) {
    sums += model.evaluate(x, {data.inputs.middleCols(begin, count), data.targets.segment(begin, count),
                               static_cast<std::size_t>(count), RandomStream(1, Purpose::test)});
  }
  const Evaluation whole = model.evaluate(x, data.batch());
  EXPECT_NEAR(sums.loss_sum, whole.loss_sum, 1e-12);
  EXPECT_EQ(sums.correct, whole.correct);
  EXPECT_EQ(sums.samples, 30U);
}

TEST(ModelEvaluation, DivergedParametersAreNotHidden) {
  const SampleData<float> data(6, 9, 3);
  const MlpModel<float, CrossEntropy> model({.units = {6, 8, 3}, .activation = Activation::relu, .l2 = 0});
  Vector<float> x = normal_vector<float>(model.parameters(), 1);
  x(0) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(model.evaluate(x, data.batch()).loss()));
  const LogisticModel<float> logistic(6, 1, 0);
  EXPECT_TRUE(std::isnan(logistic.evaluate(x.head(7), data.batch()).loss()));
  const SvmModel<float> svm(6, 1, 0);
  EXPECT_TRUE(std::isnan(svm.evaluate(x.head(7), data.batch()).loss()));
}

TEST(ModelInitialization, MlpHasHesAndGlorotsVariance) {
  const auto deviation = [](Activation activation, Eigen::Index begin, Eigen::Index count) {
    const MlpModel<double, CrossEntropy> model({.units = {200, 300, 100}, .activation = activation, .l2 = 0});
    Vector<double> x(static_cast<Eigen::Index>(model.parameters()));
    model.initialize(x, RandomStream(5, Purpose::initial_parameters));
    EXPECT_EQ(x.segment(60000, 300).norm(), 0);
    EXPECT_EQ(x.tail(100).norm(), 0);
    return std::sqrt(x.segment(begin, count).squaredNorm() / static_cast<double>(count));
  };
  EXPECT_NEAR(deviation(Activation::relu, 0, 60000), std::sqrt(2 / 200.0), 1e-3);
  EXPECT_NEAR(deviation(Activation::tanh, 0, 60000), std::sqrt(2 / 500.0), 1e-3);
  EXPECT_NEAR(deviation(Activation::relu, 60300, 30000), std::sqrt(2 / 400.0), 1e-3);
  EXPECT_NEAR(deviation(Activation::tanh, 60300, 30000), std::sqrt(2 / 400.0), 1e-3);
}

}  // namespace
}  // namespace descent
