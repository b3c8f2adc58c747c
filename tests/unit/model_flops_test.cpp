#include "algorithms/models/affine.hpp"
#include "algorithms/models/mlp.hpp"
#include "algorithms/models/quadratic.hpp"
#include "tests/unit/counting_real.hpp"
#include "tests/unit/model_helpers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace descent {
namespace {

double count(const Model<CountingReal>& model, const SampleData<CountingReal>& data) {
  const Vector<CountingReal> x = normal_vector<CountingReal>(model.parameters(), 1);
  Vector<CountingReal> gradient(x.size());
  const Batch<CountingReal> batch = data.batch();
  CountingReal::reset();
  model.gradient(x, batch, gradient);
  return static_cast<double>(CountingReal::counted());
}

/// Within 2 %: Eigen's product kernels add to what was there and scale by one, which the formulas leave out.
void expect_stated(const Model<CountingReal>& model, std::size_t features, std::size_t classes) {
  constexpr std::size_t kSamples = 120;
  const double stated = model.flops_per_batch() + kSamples * model.flops_per_sample();
  const double counted = count(model, {features, kSamples, classes});
  EXPECT_NEAR(counted / stated, 1, 0.02) << "counted " << counted << ", stated " << stated;
}

TEST(ModelFlops, Affine) {
  for (const double l2 : {0.0, 0.1}) {
    expect_stated(LinearModel<CountingReal>(150, 1, l2), 150, 0);
    expect_stated(LogisticModel<CountingReal>(150, 1, l2), 150, 2);
    expect_stated(SvmModel<CountingReal>(150, 1, l2), 150, 2);
    expect_stated(SoftmaxModel<CountingReal>(150, 10, l2), 150, 10);
    expect_stated(SoftmaxModel<CountingReal>(120, 100, l2), 120, 100);
  }
}

TEST(ModelFlops, Mlp) {
  for (const double l2 : {0.0, 0.1}) {
    for (const Activation activation : {Activation::relu, Activation::tanh}) {
      expect_stated(MlpModel<CountingReal, CrossEntropy>({.units = {150, 80, 10}, .activation = activation, .l2 = l2}),
                    150, 10);
      expect_stated(
          MlpModel<CountingReal, CrossEntropy>({.units = {100, 60, 70, 30}, .activation = activation, .l2 = l2}), 100,
          30);
      expect_stated(MlpModel<CountingReal, SquaredError>({.units = {150, 80, 1}, .activation = activation, .l2 = l2}),
                    150, 0);
    }
  }
}

/// What the loss and the activations cost is small beside the products, so it is counted apart.
TEST(ModelFlops, LossesPerSample) {
  constexpr std::size_t kSamples = 50;
  const auto counted = [](auto loss, std::size_t outputs) {
    const SampleData<CountingReal> data(outputs, kSamples, outputs > 1 ? outputs : 2);
    Matrix<CountingReal> z = data.inputs;
    CountingReal::reset();
    decltype(loss)::template residual<CountingReal>(z, data.targets);
    return static_cast<double>(CountingReal::counted());
  };
  const auto stated = [](auto loss, std::size_t outputs) {
    return losses::flops_per_batch + kSamples * decltype(loss)::flops(outputs);
  };
  EXPECT_EQ(counted(SquaredError{}, 1), stated(SquaredError{}, 1));
  EXPECT_EQ(counted(LogisticLoss{}, 1), stated(LogisticLoss{}, 1));
  EXPECT_EQ(counted(HingeLoss{}, 1), stated(HingeLoss{}, 1));
  EXPECT_EQ(counted(CrossEntropy{}, 2), stated(CrossEntropy{}, 2));
  EXPECT_EQ(counted(CrossEntropy{}, 10), stated(CrossEntropy{}, 10));
}

/// Flops per sample that the backward pass takes up to each tensor, in the order of x.
std::vector<double> backward_flops(const Model<double>& model) {
  std::vector<double> flops;
  std::size_t size = 0;
  for (const Tensor& tensor : model.tensors()) {
    flops.push_back(std::round(tensor.backward * model.flops_per_sample()));
    size += tensor.size();
  }
  EXPECT_EQ(size, model.parameters());
  return flops;
}

TEST(Tensors, KnowWhatTheBackwardPassTakes) {
  EXPECT_EQ(backward_flops(SoftmaxModel<double>(150, 10, 0)), (std::vector<double>{3000, 10}));
  // The weights' products; before a bias, the product that brings the gradient back to its layer, and relu's compare.
  const MlpModel<double, CrossEntropy> mlp({.units = {100, 60, 70, 30}});
  EXPECT_EQ(backward_flops(mlp),
            (std::vector<double>{12000, 2 * 60 * 70 + 60 + 60, 8400, 2 * 70 * 30 + 70 + 70, 4200, 30}));
  // Forward: products, biases, relu's maximum, and the loss.
  const std::vector<double> backward = backward_flops(mlp);
  EXPECT_EQ(mlp.flops_per_sample() - std::accumulate(backward.begin(), backward.end(), 0.0),
            2 * (100 * 60 + 60 * 70 + 70 * 30) + 60 + 70 + 30 + 60 + 70 + CrossEntropy::flops(30));
  EXPECT_EQ(backward_flops(QuadraticModel<double>({.dimension = 100}, 1)), std::vector<double>{0});
}

TEST(ModelFlops, QuadraticExactly) {
  const SampleData<CountingReal> none(0, 0, 0);
  const QuadraticModel<CountingReal> exact({.dimension = 100}, 1);
  EXPECT_EQ(count(exact, none), exact.flops_per_batch());
  const QuadraticModel<CountingReal> noisy({.dimension = 100, .noise = 1}, 1);
  EXPECT_EQ(count(noisy, none), noisy.flops_per_batch());
  EXPECT_EQ(noisy.flops_per_sample(), 0);
}

}  // namespace
}  // namespace descent
