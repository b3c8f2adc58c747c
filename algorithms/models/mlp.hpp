#pragma once

#include "algorithms/models/losses.hpp"
#include "algorithms/models/model.hpp"

#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <cstddef>
#include <vector>

namespace descent {

enum class Activation { relu, tanh };

struct MlpOptions {
  /// Units of the input, of each hidden layer, and of the output (classes; 1 for regression).
  std::vector<std::size_t> units;
  Activation activation = Activation::relu;
  /// Weight of ½‖W‖² over all layers; biases are not regularized.
  double l2 = 0;
};

/// A fully connected network: A₀ the inputs, Aₖ = φ(Wₖ Aₖ₋₁ + bₖ), the last layer without φ, then the loss.
/// Parameters: layer by layer from the input, Wₖ (units × units before, column-major), then bₖ. Weights start
/// normal with variance 2/inputs before relu (He et al. 2015, eq. 10) and 2/(inputs + outputs) elsewhere (Glorot &
/// Bengio 2010, eq. 16), biases at zero.
template <class Real, class Loss>
class MlpModel final : public Model<Real> {
 public:
  explicit MlpModel(const MlpOptions& options) : activation_(options.activation), l2_(options.l2) {
    for (std::size_t k = 1; k < options.units.size(); ++k) {
      const Layer layer{static_cast<Eigen::Index>(options.units[k - 1]), static_cast<Eigen::Index>(options.units[k]),
                        parameters_};
      parameters_ = layer.bias() + layer.outputs;
      layers_.push_back(layer);
    }
  }

  std::size_t parameters() const override { return static_cast<std::size_t>(parameters_); }
  double flops_per_sample() const override;
  double flops_per_batch() const override;
  std::vector<Tensor> tensors() const override;
  bool classifies() const override { return Loss::classifies; }

  void initialize(Eigen::Ref<Vector<Real>> x, RandomStream random) const override;
  void gradient(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch,
                Eigen::Ref<Vector<Real>> gradient) const override;
  Evaluation evaluate(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch) const override;
  double penalty(const Eigen::Ref<const Vector<Real>>& x) const override;

 private:
  using Parameters = Eigen::Ref<const Vector<Real>>;

  /// Where a layer's parameters lie in x.
  struct Layer {
    Eigen::Index inputs;
    Eigen::Index outputs;
    Eigen::Index begin;

    Eigen::Index bias() const { return begin + inputs * outputs; }
    Eigen::Map<const Matrix<Real>> weights(const Parameters& x) const { return {x.data() + begin, outputs, inputs}; }
  };

  /// Z = W·A + b.
  template <class Inputs>
  static void affine(const Layer& layer, const Parameters& x, const Inputs& inputs, Matrix<Real>& z) {
    z.resize(layer.outputs, inputs.cols());
    z.noalias() = layer.weights(x) * inputs;
    z.colwise() += x.segment(layer.bias(), layer.outputs);
  }

  /// Writes the gradient of one layer's parameters, given that of its outputs.
  template <class Inputs>
  void layer_gradient(const Layer& layer, const Parameters& x, const Matrix<Real>& delta, const Inputs& inputs,
                      Eigen::Ref<Vector<Real>> gradient) const {
    Eigen::Map<Matrix<Real>> weights(gradient.data() + layer.begin, layer.outputs, layer.inputs);
    weights.noalias() = delta * inputs.transpose();
    if (l2_ > 0) {
      weights += static_cast<Real>(l2_) * layer.weights(x);
    }
    gradient.segment(layer.bias(), layer.outputs) = delta.rowwise().sum();
  }

  /// Outputs of the layers, activated but for the last.
  std::vector<Matrix<Real>> forward(const Parameters& x, const Batch<Real>& batch) const;
  void activate(Matrix<Real>& z) const;
  /// delta ← delta ⊙ φ′, which both activations give from their own value.
  void deactivate(const Matrix<Real>& activated, Matrix<Real>& delta) const;

  /// Flops of a hidden unit's activation, forward and backward: max, compare; tanh, 1 − a², product.
  double activation_flops() const { return activation_ == Activation::relu ? 2 : 4; }

  Activation activation_;
  double l2_;
  std::vector<Layer> layers_;
  Eigen::Index parameters_ = 0;
};

template <class Real, class Loss>
double MlpModel<Real, Loss>::flops_per_sample() const {
  double flops = Loss::flops(static_cast<std::size_t>(layers_.back().outputs));
  for (const Layer& layer : layers_) {
    const double products = 2 * static_cast<double>(layer.inputs) * static_cast<double>(layer.outputs);
    const bool first = layer.begin == 0;
    // Forward and the weights' gradient; the inputs' gradient but for the first layer; the bias both ways.
    flops += products * (first ? 2 : 3) + 2 * static_cast<double>(layer.outputs);
    flops += first ? 0 : activation_flops() * static_cast<double>(layer.inputs);
  }
  return flops;
}

template <class Real, class Loss>
std::vector<Tensor> MlpModel<Real, Loss>::tensors() const {
  std::vector<Tensor> tensors;
  const double all = flops_per_sample();
  const double backward_activation = activation_flops() - 1;
  for (const Layer& layer : layers_) {
    const auto outputs = static_cast<std::size_t>(layer.outputs);
    const auto inputs = static_cast<std::size_t>(layer.inputs);
    const bool last = &layer == &layers_.back();
    // The gradient comes back to a layer through the weights and the activation after it.
    const double through = last ? 0 : 2 * static_cast<double>((&layer)[1].outputs) + backward_activation;
    tensors.push_back({outputs, inputs, 2 * static_cast<double>(inputs * outputs) / all});
    tensors.push_back({outputs, 1, (through + 1) * static_cast<double>(outputs) / all});
  }
  return tensors;
}

template <class Real, class Loss>
double MlpModel<Real, Loss>::flops_per_batch() const {
  double flops = losses::flops_per_batch;
  for (const Layer& layer : layers_) {
    flops += l2_ > 0 ? 2 * static_cast<double>(layer.inputs * layer.outputs) : 0;
  }
  return flops;
}

template <class Real, class Loss>
void MlpModel<Real, Loss>::initialize(Eigen::Ref<Vector<Real>> x, RandomStream random) const {
  x.setZero();
  boost::random::normal_distribution<double> normal;
  for (const Layer& layer : layers_) {
    const bool rectified = activation_ == Activation::relu && &layer != &layers_.back();
    const auto fan = static_cast<double>(rectified ? layer.inputs : layer.inputs + layer.outputs);
    const double deviation = std::sqrt(2 / fan);
    for (Real& weight : x.segment(layer.begin, layer.inputs * layer.outputs)) {
      weight = static_cast<Real>(deviation * normal(random));
    }
  }
}

template <class Real, class Loss>
std::vector<Matrix<Real>> MlpModel<Real, Loss>::forward(const Parameters& x, const Batch<Real>& batch) const {
  std::vector<Matrix<Real>> activations(layers_.size());
  affine(layers_.front(), x, batch.inputs, activations.front());
  for (std::size_t k = 1; k < layers_.size(); ++k) {
    activate(activations[k - 1]);
    affine(layers_[k], x, activations[k - 1], activations[k]);
  }
  return activations;
}

template <class Real, class Loss>
void MlpModel<Real, Loss>::gradient(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch,
                                    Eigen::Ref<Vector<Real>> gradient) const {
  std::vector<Matrix<Real>> activations = forward(x, batch);
  Matrix<Real> delta = std::move(activations.back());
  Loss::template residual<Real>(delta, batch.targets);
  for (std::size_t k = layers_.size() - 1; k > 0; --k) {
    const Layer& layer = layers_[k];
    layer_gradient(layer, x, delta, activations[k - 1], gradient);
    Matrix<Real> before(layer.inputs, delta.cols());
    before.noalias() = layer.weights(x).transpose() * delta;
    deactivate(activations[k - 1], before);
    delta = std::move(before);
  }
  layer_gradient(layers_.front(), x, delta, batch.inputs, gradient);
}

template <class Real, class Loss>
Evaluation MlpModel<Real, Loss>::evaluate(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch) const {
  return Loss::template evaluate<Real>(forward(x, batch).back(), batch.targets);
}

template <class Real, class Loss>
double MlpModel<Real, Loss>::penalty(const Eigen::Ref<const Vector<Real>>& x) const {
  double squares = 0;
  for (const Layer& layer : layers_) {
    squares += layer.weights(x).template cast<double>().squaredNorm();
  }
  return 0.5 * l2_ * squares;
}

template <class Real, class Loss>
void MlpModel<Real, Loss>::activate(Matrix<Real>& z) const {
  if (activation_ == Activation::tanh) {
    z = z.array().tanh();
    return;
  }
  // Written so that a NaN stays one: a diverged run must not look sound.
  for (Real& element : z.reshaped()) {
    element = element < Real(0) ? Real(0) : element;
  }
}

template <class Real, class Loss>
void MlpModel<Real, Loss>::deactivate(const Matrix<Real>& activated, Matrix<Real>& delta) const {
  if (activation_ == Activation::tanh) {
    delta.array() *= Real(1) - activated.array().square();
    return;
  }
  const Real* const a = activated.data();
  Real* const d = delta.data();
  for (Eigen::Index i = 0; i < delta.size(); ++i) {
    d[i] = a[i] > Real(0) ? d[i] : Real(0);
  }
}

extern template class MlpModel<float, SquaredError>;
extern template class MlpModel<double, SquaredError>;
extern template class MlpModel<float, CrossEntropy>;
extern template class MlpModel<double, CrossEntropy>;

}  // namespace descent
