#pragma once

#include "algorithms/models/model.hpp"

#include <cmath>

namespace descent {

/// Losses of a batch's outputs Z (outputs × n, a column per sample) against its targets y (n). Each has
/// - `residual(Z, y)`: turns Z into the gradient of the mean loss with respect to Z, in place;
/// - `evaluate(Z, y)`: sums of loss and hits; may overwrite Z;
/// - `flops(outputs)`: floating-point operations of `residual` per sample, in the convention of Model.
/// Labels must be in range: whoever reads data sees to that.
/// One more division per batch, 1/n, is `flops_per_batch`.
namespace losses {
inline constexpr double flops_per_batch = 1;
}

/// ½(z − y)², one output. The mean over n samples is MSE as 1/(2n) Σ (z − y)².
struct SquaredError {
  static constexpr bool classifies = false;
  static constexpr double flops(std::size_t /*outputs*/) { return 2; }

  template <class Real>
  static void residual(Matrix<Real>& z, const Eigen::Ref<const Vector<Real>>& y) {
    const Real weight = Real(1) / static_cast<Real>(z.cols());
    z.row(0) = (z.row(0) - y.transpose()) * weight;
  }

  template <class Real>
  static Evaluation evaluate(Matrix<Real>& z, const Eigen::Ref<const Vector<Real>>& y) {
    Evaluation sums{.samples = static_cast<std::size_t>(z.cols())};
    for (Eigen::Index i = 0; i < z.cols(); ++i) {
      const double error = static_cast<double>(z(0, i)) - static_cast<double>(y(i));
      sums.loss_sum += 0.5 * error * error;
    }
    return sums;
  }
};

/// −log p(y) with p(1) = 1/(1 + e^−z), labels 0 and 1, one output.
struct LogisticLoss {
  static constexpr bool classifies = true;
  static constexpr double flops(std::size_t /*outputs*/) { return 5; }

  /// p − y. For z → −∞, e^−z may be infinite: then p is 0, as it should be.
  template <class Real>
  static void residual(Matrix<Real>& z, const Eigen::Ref<const Vector<Real>>& y) {
    const Real weight = Real(1) / static_cast<Real>(z.cols());
    z = (-z).array().exp();
    z.array() = Real(1) / (z.array() + Real(1));
    z.row(0) = (z.row(0) - y.transpose()) * weight;
  }

  /// log(1 + e^z) − yz = max(z, 0) − yz + log1p(e^−|z|), which neither overflows nor cancels.
  template <class Real>
  static Evaluation evaluate(Matrix<Real>& z, const Eigen::Ref<const Vector<Real>>& y) {
    Evaluation sums{.samples = static_cast<std::size_t>(z.cols())};
    for (Eigen::Index i = 0; i < z.cols(); ++i) {
      const double margin = static_cast<double>(z(0, i));
      const double label = static_cast<double>(y(i));
      // Written so that a NaN stays one.
      const double positive = margin < 0 ? 0 : margin;
      sums.loss_sum += positive - label * margin + std::log1p(std::exp(-std::abs(margin)));
      sums.correct += (margin > 0) == (label > 0.5) ? 1 : 0;
    }
    return sums;
  }
};

/// max(0, 1 − ŷz) with ŷ = 2y − 1, labels 0 and 1, one output.
struct HingeLoss {
  static constexpr bool classifies = true;
  /// Two comparisons.
  static constexpr double flops(std::size_t /*outputs*/) { return 2; }

  /// A subgradient: −ŷ where the margin ŷz is below 1, else 0.
  template <class Real>
  static void residual(Matrix<Real>& z, const Eigen::Ref<const Vector<Real>>& y) {
    const Real weight = Real(1) / static_cast<Real>(z.cols());
    for (Eigen::Index i = 0; i < z.cols(); ++i) {
      const bool positive = y(i) > Real(0.5);
      const Real margin = positive ? z(0, i) : -z(0, i);
      const Real pull = positive ? -weight : weight;
      z(0, i) = margin < Real(1) ? pull : Real(0);
    }
  }

  template <class Real>
  static Evaluation evaluate(Matrix<Real>& z, const Eigen::Ref<const Vector<Real>>& y) {
    Evaluation sums{.samples = static_cast<std::size_t>(z.cols())};
    for (Eigen::Index i = 0; i < z.cols(); ++i) {
      const double output = static_cast<double>(z(0, i));
      const bool positive = static_cast<double>(y(i)) > 0.5;
      const double margin = positive ? output : -output;
      // Written so that a NaN stays one.
      sums.loss_sum += margin > 1 ? 0 : 1 - margin;
      sums.correct += (output > 0) == positive ? 1 : 0;
    }
    return sums;
  }
};

/// −log softmax(z)_y, labels 0, 1, …, outputs − 1.
struct CrossEntropy {
  static constexpr bool classifies = true;
  /// Largest (C − 1), difference, exp, sum (C − 1), quotient, weight, and 1 at the label.
  static constexpr double flops(std::size_t outputs) { return 6.0 * static_cast<double>(outputs) - 1; }

  /// softmax(z) − onehot(y).
  template <class Real>
  static void residual(Matrix<Real>& z, const Eigen::Ref<const Vector<Real>>& y) {
    const Real weight = Real(1) / static_cast<Real>(z.cols());
    for (Eigen::Index i = 0; i < z.cols(); ++i) {
      z.col(i).array() -= z.col(i).maxCoeff();
    }
    z = z.array().exp();
    for (Eigen::Index i = 0; i < z.cols(); ++i) {
      z.col(i) /= z.col(i).sum();
      z(static_cast<Eigen::Index>(y(i)), i) -= Real(1);
    }
    z *= weight;
  }

  template <class Real>
  static Evaluation evaluate(Matrix<Real>& z, const Eigen::Ref<const Vector<Real>>& y) {
    Evaluation sums{.samples = static_cast<std::size_t>(z.cols())};
    for (Eigen::Index i = 0; i < z.cols(); ++i) {
      const auto label = static_cast<Eigen::Index>(y(i));
      Eigen::Index predicted = 0;
      const Real largest = z.col(i).maxCoeff(&predicted);
      z.col(i).array() -= largest;
      const Real at_label = z(label, i);
      z.col(i) = z.col(i).array().exp();
      sums.loss_sum += std::log(static_cast<double>(z.col(i).sum())) - static_cast<double>(at_label);
      sums.correct += predicted == label ? 1 : 0;
    }
    return sums;
  }
};

}  // namespace descent
