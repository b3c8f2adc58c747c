#pragma once

#include "algorithms/models/model.hpp"
#include "algorithms/models/output_loss.hpp"

#include <boost/random/normal_distribution.hpp>

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace descent {

enum class HiddenActivation { relu, tanh };

/// Shape of a fully connected network; without hidden layers it is a linear model.
struct NetworkShape {
  /// Inputs, hidden layers, outputs: at least two.
  std::vector<std::size_t> widths;
  HiddenActivation activation = HiddenActivation::relu;
  OutputLoss loss = OutputLoss::softmax;
  /// λ of ½λ‖W‖²; biases are not regularized.
  double l2 = 0;
};

/// Affine layers a_l = φ(W_l a_{l−1} + b_l) with a loss on the last one's output: `linear`, `logistic` and
/// `softmax` have one layer, `mlp` more. Parameters layer by layer: W_l (out × in, column-major), then b_l. With
/// one layer they start at zero (the problem is convex); else weights are normal with variance 2/in for relu (He et
/// al. 2015) and 1/in for tanh (LeCun et al. 1998), biases zero.
template <class Real>
class Network final : public Model<Real> {
 public:
  explicit Network(NetworkShape shape) : shape_(std::move(shape)) {
    for (std::size_t l = 0; l + 1 < shape_.widths.size(); ++l) {
      layers_.push_back({static_cast<Eigen::Index>(shape_.widths[l]), static_cast<Eigen::Index>(shape_.widths[l + 1]),
                         static_cast<Eigen::Index>(parameters_)});
      parameters_ += shape_.widths[l + 1] * (shape_.widths[l] + 1);
    }
  }

  std::size_t parameters() const override { return parameters_; }
  bool classifies() const override { return shape_.loss != OutputLoss::squared; }

  double flops_per_sample() const override {
    double flops = derivative_flops(shape_.loss, static_cast<double>(layers_.back().out));
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const auto weights = static_cast<double>(layers_[l].in * layers_[l].out);
      const auto out = static_cast<double>(layers_[l].out);
      flops += 2 * weights + out;  // forward
      flops += 2 * weights + out;  // derivatives by W and b
      if (l > 0) {
        const auto in = static_cast<double>(layers_[l].in);
        flops += 2 * weights;                                                         // derivative by the input
        flops += (shape_.activation == HiddenActivation::relu ? 1 + 1 : 1 + 3) * in;  // φ and φ′
      }
    }
    return flops;
  }

  double flops_per_batch() const override {
    double weights = 0;
    for (const Layer& layer : layers_) {
      weights += static_cast<double>(layer.in * layer.out);
    }
    return shape_.l2 > 0 ? 2 * weights : 0;
  }

  void initialize(Eigen::Ref<Vector<Real>> x, RandomStream random) const override {
    x.setZero();
    if (layers_.size() == 1) {
      return;
    }
    const double gain = shape_.activation == HiddenActivation::relu ? 2 : 1;
    for (const Layer& layer : layers_) {
      boost::random::normal_distribution<double> normal(0, std::sqrt(gain / static_cast<double>(layer.in)));
      for (Eigen::Index i = 0; i < layer.in * layer.out; ++i) {
        x(layer.begin + i) = Real(normal(random));
      }
    }
  }

  void gradient(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch,
                Eigen::Ref<Vector<Real>> gradient) const override {
    std::vector<Matrix<Real>> outputs = forward(x, batch.inputs);
    Matrix<Real> delta = std::move(outputs.back());
    to_derivative<Real>(shape_.loss, delta, batch.targets);
    for (std::size_t l = layers_.size(); l-- > 0;) {
      const Layer& layer = layers_[l];
      auto by_weights = weights<Matrix<Real>>(gradient, layer);
      if (l > 0) {
        by_weights.noalias() = delta * outputs[l - 1].transpose();
      } else {
        by_weights.noalias() = delta * batch.inputs.transpose();
      }
      if (shape_.l2 > 0) {
        by_weights += Real(shape_.l2) * weights<const Matrix<Real>>(x, layer);
      }
      gradient.segment(layer.begin + layer.in * layer.out, layer.out) = delta.rowwise().sum();
      if (l > 0) {
        Matrix<Real> before(layer.in, delta.cols());
        before.noalias() = weights<const Matrix<Real>>(x, layer).transpose() * delta;
        through_activation(outputs[l - 1], before);
        delta = std::move(before);
      }
    }
  }

  Evaluation evaluate(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch) const override {
    std::vector<Matrix<Real>> outputs = forward(x, batch.inputs);
    return evaluate_outputs<Real>(shape_.loss, outputs.back(), batch.targets);
  }

  double penalty(const Eigen::Ref<const Vector<Real>>& x) const override {
    double sum = 0;
    for (const Layer& layer : layers_) {
      sum += static_cast<double>(x.segment(layer.begin, layer.in * layer.out).squaredNorm());
    }
    return 0.5 * shape_.l2 * sum;
  }

 private:
  struct Layer {
    Eigen::Index in;
    Eigen::Index out;
    /// Of its weights, in the parameter vector.
    Eigen::Index begin;
  };

  template <class M, class V>
  static Eigen::Map<M> weights(V& x, const Layer& layer) {
    return {x.data() + layer.begin, layer.out, layer.in};
  }

  /// What each layer puts out (out × batch); the last one without an activation.
  std::vector<Matrix<Real>> forward(const Eigen::Ref<const Vector<Real>>& x,
                                    const Eigen::Ref<const Matrix<Real>>& inputs) const {
    std::vector<Matrix<Real>> outputs(layers_.size());
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const Layer& layer = layers_[l];
      Matrix<Real>& z = outputs[l];
      z.resize(layer.out, inputs.cols());
      if (l > 0) {
        z.noalias() = weights<const Matrix<Real>>(x, layer) * outputs[l - 1];
      } else {
        z.noalias() = weights<const Matrix<Real>>(x, layer) * inputs;
      }
      z.colwise() += x.segment(layer.begin + layer.in * layer.out, layer.out);
      if (l + 1 < layers_.size()) {
        activate(z);
      }
    }
    return outputs;
  }

  void activate(Matrix<Real>& z) const {
    if (shape_.activation == HiddenActivation::relu) {
      z = z.cwiseMax(Real(0));
    } else {
      z = z.array().tanh().matrix();
    }
  }

  /// Multiplies the derivative by an activation's output `a` with φ′, which both activations know from a.
  void through_activation(const Matrix<Real>& a, Matrix<Real>& derivative) const {
    if (shape_.activation == HiddenActivation::relu) {
      derivative = (a.array() > Real(0)).select(derivative, Real(0));
    } else {
      derivative.array() *= Real(1) - a.array().square();
    }
  }

  NetworkShape shape_;
  std::vector<Layer> layers_;
  std::size_t parameters_ = 0;
};

extern template class Network<float>;
extern template class Network<double>;

}  // namespace descent
