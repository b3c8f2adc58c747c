#pragma once

#include "tests/bench/mlp_shape.hpp"

#include <Eigen/Core>

namespace descent::bench {

/// What a researcher would write by hand: forward, cross-entropy, backward, and a step of SGD.
class PlainMlp {
 public:
  static constexpr Eigen::Index parameters = kHidden * (kFeatures + 1) + kClasses * (kHidden + 1);

  PlainMlp() {
    // Outputs of the size that training has: exponentials too small for a float's normal range would cost more.
    w1_ = 0.05F * Eigen::MatrixXf::Random(kHidden, kFeatures);
    w2_ = 0.1F * Eigen::MatrixXf::Random(kClasses, kHidden);
  }
  PlainMlp(const PlainMlp&) = delete;
  PlainMlp& operator=(const PlainMlp&) = delete;

  void gradient(const Eigen::MatrixXf& inputs, const Eigen::VectorXi& labels, Eigen::VectorXf& gradient) {
    const auto batch = static_cast<float>(inputs.cols());
    hidden_.noalias() = w1_ * inputs;
    hidden_.colwise() += b1_;
    hidden_ = hidden_.cwiseMax(0.0F);
    outputs_.noalias() = w2_ * hidden_;
    outputs_.colwise() += b2_;
    outputs_.rowwise() -= outputs_.colwise().maxCoeff().eval();
    outputs_ = outputs_.array().exp();
    outputs_.array().rowwise() /= outputs_.array().colwise().sum().eval();
    for (Eigen::Index i = 0; i < labels.size(); ++i) {
      outputs_(labels(i), i) -= 1;
    }
    outputs_ /= batch;
    back_.noalias() = w2_.transpose() * outputs_;
    back_ = (hidden_.array() > 0).select(back_, 0.0F);
    float* begin = gradient.data();
    Eigen::Map<Eigen::MatrixXf>(begin, kHidden, kFeatures).noalias() = back_ * inputs.transpose();
    begin += kHidden * kFeatures;
    Eigen::Map<Eigen::VectorXf>(begin, kHidden) = back_.rowwise().sum();
    begin += kHidden;
    Eigen::Map<Eigen::MatrixXf>(begin, kClasses, kHidden).noalias() = outputs_ * hidden_.transpose();
    begin += kClasses * kHidden;
    Eigen::Map<Eigen::VectorXf>(begin, kClasses) = outputs_.rowwise().sum();
  }

  /// x ← x − `rate` · `gradient`.
  void update(const Eigen::VectorXf& gradient, float rate) { x_.noalias() -= rate * gradient; }

 private:
  using Weights = Eigen::Map<Eigen::MatrixXf>;
  using Bias = Eigen::Map<Eigen::VectorXf>;

  /// All parameters, in the order of the gradient.
  Eigen::VectorXf x_ = Eigen::VectorXf::Zero(parameters);
  Weights w1_{x_.data(), kHidden, kFeatures};
  Bias b1_{w1_.data() + w1_.size(), kHidden};
  Weights w2_{b1_.data() + b1_.size(), kClasses, kHidden};
  Bias b2_{w2_.data() + w2_.size(), kClasses};
  Eigen::MatrixXf hidden_, outputs_, back_;
};

}  // namespace descent::bench
