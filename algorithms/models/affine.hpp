#pragma once

#include "algorithms/models/losses.hpp"
#include "algorithms/models/model.hpp"

#include <cstddef>

namespace descent {

/// A loss of an affine function of the features: mean over samples of loss(W·a + b, y), plus ½·l2·‖W‖² (the bias
/// is not regularized). Convex for the losses here.
/// Parameters: W (outputs × features, column-major), then b (outputs). They start at zero.
template <class Real, class Loss>
class AffineModel final : public Model<Real> {
 public:
  AffineModel(std::size_t features, std::size_t outputs, double l2)
      : features_(static_cast<Eigen::Index>(features)), outputs_(static_cast<Eigen::Index>(outputs)), l2_(l2) {}

  std::size_t parameters() const override { return static_cast<std::size_t>(outputs_ * (features_ + 1)); }
  /// W·a and its transpose, the bias both ways, and the loss.
  double flops_per_sample() const override {
    return static_cast<double>(outputs_) * (4 * static_cast<double>(features_) + 2) +
           Loss::flops(static_cast<std::size_t>(outputs_));
  }
  double flops_per_batch() const override {
    return losses::flops_per_batch + (l2_ > 0 ? 2 * static_cast<double>(weight_count()) : 0);
  }
  std::vector<Tensor> tensors() const override {
    const auto rows = static_cast<std::size_t>(outputs_);
    const auto columns = static_cast<std::size_t>(features_);
    const double all = flops_per_sample();
    return {{rows, columns, 2 * static_cast<double>(rows * columns) / all}, {rows, 1, static_cast<double>(rows) / all}};
  }
  bool classifies() const override { return Loss::classifies; }

  void initialize(Eigen::Ref<Vector<Real>> x, RandomStream /*random*/) const override { x.setZero(); }

  void gradient(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch,
                Eigen::Ref<Vector<Real>> gradient) const override {
    Matrix<Real> residual = outputs(x, batch);
    Loss::template residual<Real>(residual, batch.targets);
    Eigen::Map<Matrix<Real>> weights_gradient(gradient.data(), outputs_, features_);
    weights_gradient.noalias() = residual * batch.inputs.transpose();
    if (l2_ > 0) {
      weights_gradient += static_cast<Real>(l2_) * weights(x);
    }
    gradient.tail(outputs_) = residual.rowwise().sum();
  }

  Evaluation evaluate(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch) const override {
    Matrix<Real> z = outputs(x, batch);
    return Loss::template evaluate<Real>(z, batch.targets);
  }

  double penalty(const Eigen::Ref<const Vector<Real>>& x) const override {
    return 0.5 * l2_ * weights(x).template cast<double>().squaredNorm();
  }

 private:
  Eigen::Index weight_count() const { return outputs_ * features_; }

  Eigen::Map<const Matrix<Real>> weights(const Eigen::Ref<const Vector<Real>>& x) const {
    return {x.data(), outputs_, features_};
  }

  Matrix<Real> outputs(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch) const {
    Matrix<Real> z(outputs_, batch.inputs.cols());
    z.noalias() = weights(x) * batch.inputs;
    z.colwise() += x.tail(outputs_);
    return z;
  }

  Eigen::Index features_;
  Eigen::Index outputs_;
  double l2_;
};

/// Mean of ½(w·a + b − y)².
template <class Real>
using LinearModel = AffineModel<Real, SquaredError>;
/// Classes 0 and 1 by the sign of w·a + b.
template <class Real>
using LogisticModel = AffineModel<Real, LogisticLoss>;
/// Classes 0 and 1 by the sign of w·a + b, with a margin.
template <class Real>
using SvmModel = AffineModel<Real, HingeLoss>;
/// Classes 0 … C − 1 by the largest of W·a + b.
template <class Real>
using SoftmaxModel = AffineModel<Real, CrossEntropy>;

extern template class AffineModel<float, SquaredError>;
extern template class AffineModel<double, SquaredError>;
extern template class AffineModel<float, LogisticLoss>;
extern template class AffineModel<double, LogisticLoss>;
extern template class AffineModel<float, HingeLoss>;
extern template class AffineModel<double, HingeLoss>;
extern template class AffineModel<float, CrossEntropy>;
extern template class AffineModel<double, CrossEntropy>;

}  // namespace descent
