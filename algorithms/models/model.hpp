#pragma once

#include "algorithms/core/random.hpp"
#include "algorithms/math/vector.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace descent {

/// Parameters that belong together: a matrix, column-major, or a vector (one column), such as a layer's weights or its
/// biases.
struct Tensor {
  std::size_t rows = 0;
  std::size_t columns = 1;
  /// The backward pass finds gradients of later tensors first. What it computes from the gradient of the tensor after
  /// this one (for the last: from the loss) to that of this one, as a part of all that the gradient of a sample takes.
  /// The rest, up to 1, is the forward pass and the loss.
  double backward = 0;

  std::size_t size() const { return rows * columns; }
};

/// A mini-batch: a column of `inputs` and an element of `targets` per sample. `size` is their number; for
/// a model without data (`quadratic`) it is all there is, and `noise` the stream to draw gradient noise from; without
/// one the gradient is exact.
template <class Real>
struct Batch {
  Eigen::Ref<const Matrix<Real>> inputs;
  Eigen::Ref<const Vector<Real>> targets;
  std::size_t size;
  std::optional<RandomStream> noise;
};

/// Sums over samples, so that parts of a data set can be evaluated apart and added.
struct Evaluation {
  double loss_sum = 0;
  /// Correctly classified samples; 0 for regression.
  std::size_t correct = 0;
  std::size_t samples = 0;

  /// Mean loss, regularization not included.
  double loss() const { return loss_sum / static_cast<double>(samples); }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(samples); }
  Evaluation& operator+=(const Evaluation& other);
};

/// A loss over data as a function of a flat parameter vector x ∈ ℝᵈ. Immutable and thread-safe.
template <class Real>
class Model {
 public:
  virtual ~Model() = default;

  /// d.
  virtual std::size_t parameters() const = 0;
  /// Floating-point operations of `gradient` for one sample of a batch (forward, loss and backward): a
  /// multiply-add is two, exp, log, division and comparison one each.
  virtual double flops_per_sample() const = 0;
  /// Those of `gradient` that do not grow with the batch (regularization, a quadratic's product).
  virtual double flops_per_batch() const = 0;
  /// What x consists of, in its order: sizes add up to d.
  virtual std::vector<Tensor> tensors() const = 0;
  /// True for a model that classifies, and so has an accuracy.
  virtual bool classifies() const = 0;

  /// Writes the initial parameters to `x` (d elements).
  virtual void initialize(Eigen::Ref<Vector<Real>> x, RandomStream random) const = 0;
  /// Writes the gradient at `x` of the batch's mean loss, regularization included, to `gradient` (d elements,
  /// not initialized).
  virtual void gradient(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch,
                        Eigen::Ref<Vector<Real>> gradient) const = 0;
  /// Loss and accuracy sums over the batch, without regularization.
  virtual Evaluation evaluate(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch) const = 0;
  /// The part of the objective that does not depend on data: the regularizer at `x`.
  virtual double penalty(const Eigen::Ref<const Vector<Real>>& /*x*/) const { return 0; }
};

}  // namespace descent
