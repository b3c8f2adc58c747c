#pragma once

#include "algorithms/core/random.hpp"
#include "algorithms/models/model.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <cstddef>

namespace descent {

/// Standard normal numbers.
template <class Real>
Vector<Real> normal_vector(std::size_t size, std::uint64_t seed) {
  RandomStream random(seed, Purpose::test);
  boost::random::normal_distribution<double> normal;
  Vector<Real> vector(static_cast<Eigen::Index>(size));
  for (Real& element : vector) {
    element = static_cast<Real>(normal(random));
  }
  return vector;
}

/// Normal inputs; targets are classes in turn, or normal numbers when `classes` is 0.
template <class Real>
struct SampleData {
  SampleData(std::size_t features, std::size_t samples, std::size_t classes, std::uint64_t seed = 1)
      : inputs(normal_vector<Real>(features * samples, seed).reshaped(features, samples)),
        targets(normal_vector<Real>(samples, seed + 1000)) {
    for (std::size_t i = 0; classes > 0 && i < samples; ++i) {
      targets(static_cast<Eigen::Index>(i)) = static_cast<Real>((i * 7 + i / 3) % classes);
    }
  }

  Batch<Real> batch() const {
    return {inputs, targets, static_cast<std::size_t>(targets.size()), RandomStream(1, Purpose::gradient_noise)};
  }

  Matrix<Real> inputs;
  Vector<Real> targets;
};

/// The objective whose gradient `Model::gradient` is.
inline double objective(const Model<double>& model, const Vector<double>& x, const Batch<double>& batch) {
  return model.evaluate(x, batch).loss() + model.penalty(x);
}

inline Vector<double> gradient_of(const Model<double>& model, const Vector<double>& x, const Batch<double>& batch) {
  Vector<double> gradient = Vector<double>::Constant(x.size(), std::nan(""));
  model.gradient(x, batch, gradient);
  return gradient;
}

/// Compares every element of the gradient with central differences.
inline void expect_gradient(const Model<double>& model, const Vector<double>& x, const Batch<double>& batch) {
  constexpr double kStep = 1e-5;
  const Vector<double> gradient = gradient_of(model, x, batch);
  const double scale = gradient.cwiseAbs().maxCoeff();
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    Vector<double> right = x;
    Vector<double> left = x;
    right(i) += kStep;
    left(i) -= kStep;
    const double slope = (objective(model, right, batch) - objective(model, left, batch)) / (2 * kStep);
    ASSERT_NEAR(gradient(i), slope, 1e-7 * std::max(1.0, scale)) << "element " << i << " of " << x.size();
  }
}

/// Gradient descent from zero until the gradient is nearly zero.
inline Vector<double> descend(const Model<double>& model, const Batch<double>& batch, double rate, int most_steps) {
  Vector<double> x = Vector<double>::Zero(static_cast<Eigen::Index>(model.parameters()));
  for (int step = 0; step < most_steps; ++step) {
    const Vector<double> gradient = gradient_of(model, x, batch);
    if (gradient.norm() < 1e-10) {
      break;
    }
    x -= rate * gradient;
  }
  return x;
}

}  // namespace descent
