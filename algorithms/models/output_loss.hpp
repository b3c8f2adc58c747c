#pragma once

#include "algorithms/math/vector.hpp"
#include "algorithms/models/model.hpp"

#include <cmath>
#include <cstddef>

namespace descent {

/// What is made of a network's outputs z for a target t.
enum class OutputLoss {
  /// ½ (z − t)², one output.
  squared,
  /// log(1 + exp(z)) − t z for t ∈ {0, 1}, one output: the probability of class 1 is 1/(1 + exp(−z)).
  logistic,
  /// log Σ exp(z_c) − z_t, an output per class.
  softmax,
};

/// Turns outputs (outputs × batch) into the derivative of the batch's mean loss by them, in place.
template <class Real>
void to_derivative(OutputLoss loss, Matrix<Real>& z, const Eigen::Ref<const Vector<Real>>& targets) {
  using std::exp;
  const Real scale = Real(1) / Real(static_cast<double>(z.cols()));
  switch (loss) {
    case OutputLoss::squared:
      z.row(0) = (z.row(0) - targets.transpose()) * scale;
      return;
    case OutputLoss::logistic:
      z.row(0) = ((Real(1) / ((-z.row(0).array()).exp() + Real(1))) - targets.transpose().array()) * scale;
      return;
    case OutputLoss::softmax:
      // The largest output is taken off first, so that no exponential overflows.
      z.rowwise() -= z.colwise().maxCoeff().eval();
      z = z.array().exp().matrix();
      z.array().rowwise() *= (scale / z.colwise().sum().array()).eval();
      for (Eigen::Index sample = 0; sample < z.cols(); ++sample) {
        z(static_cast<Eigen::Index>(targets(sample)), sample) -= scale;
      }
      return;
  }
}

/// Flops of to_derivative for one sample: see Model::flops_per_sample for what counts.
inline double derivative_flops(OutputLoss loss, double outputs) {
  switch (loss) {
    case OutputLoss::squared:
      return 2;
    case OutputLoss::logistic:
      return 6;
    case OutputLoss::softmax:
      return 5 * outputs + 1;
  }
  return 0;
}

/// Sums of loss and correct classifications over the columns of `z`; `z` is overwritten.
template <class Real>
Evaluation evaluate_outputs(OutputLoss loss, Matrix<Real>& z, const Eigen::Ref<const Vector<Real>>& targets) {
  Evaluation sums;
  sums.samples = static_cast<std::size_t>(z.cols());
  for (Eigen::Index sample = 0; sample < z.cols(); ++sample) {
    const double target = static_cast<double>(targets(sample));
    if (loss == OutputLoss::softmax) {
      Eigen::Index best = 0;
      const double largest = static_cast<double>(z.col(sample).maxCoeff(&best));
      const double sum = (z.col(sample).template cast<double>().array() - largest).exp().sum();
      const auto label = static_cast<Eigen::Index>(target);
      sums.loss_sum += std::log(sum) + largest - static_cast<double>(z(label, sample));
      sums.correct += best == label ? 1 : 0;
      continue;
    }
    const double output = static_cast<double>(z(0, sample));
    if (loss == OutputLoss::squared) {
      sums.loss_sum += 0.5 * (output - target) * (output - target);
    } else {
      sums.loss_sum += std::max(output, 0.0) + std::log1p(std::exp(-std::abs(output))) - target * output;
      sums.correct += (output > 0) == (target > 0.5) ? 1 : 0;
    }
  }
  return sums;
}

}  // namespace descent
