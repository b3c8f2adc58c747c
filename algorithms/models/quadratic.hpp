#pragma once

#include "algorithms/models/model.hpp"

#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace descent {

/// How the eigenvalues of a quadratic lie between 1/condition and 1.
enum class Spectrum { linear, geometric };

struct QuadraticOptions {
  /// d ≥ 1.
  std::size_t dimension = 100;
  /// κ ≥ 1: the ratio of the largest eigenvalue, which is 1, to the smallest. (With d = 1 the eigenvalue is 1.)
  double condition = 100;
  Spectrum spectrum = Spectrum::geometric;
  /// σ ≥ 0: standard deviation of each coordinate of the gradient of one sample.
  double noise = 0;
};

/// F(x) = ½ (x − x*)ᵀ A (x − x*): an objective without data whose optimum, curvature and gradient noise are known.
/// A = H diag(λ) H with a Householder reflection H = I − 2vvᵀ, so the coordinates are coupled and yet a product
/// costs O(d). v and x* are uniform on the unit sphere, so every run starts (at x = 0) at distance 1.
/// The gradient of a batch of B is A(x − x*) + σ/√B · ξ, ξ standard normal from the batch's stream.
/// `evaluate` gives F(x) itself, as one sample.
template <class Real>
class QuadraticModel final : public Model<Real> {
 public:
  QuadraticModel(const QuadraticOptions& options, std::uint64_t seed)
      : noise_(options.noise),
        eigenvalues_(spectrum(options)),
        optimum_(unit_vector(options.dimension, RandomStream(seed, Purpose::problem, 0))),
        mirror_(unit_vector(options.dimension, RandomStream(seed, Purpose::problem, 1))) {}

  std::size_t parameters() const override { return static_cast<std::size_t>(optimum_.size()); }
  double flops_per_sample() const override { return 0; }
  /// x − x*, two reflections (4d each), diag(λ); with noise, its scale and sum. Drawing ξ is not counted: it stands
  /// for data.
  double flops_per_batch() const override { return (noise_ > 0 ? 12 : 10) * static_cast<double>(optimum_.size()); }
  /// The gradient comes as a whole, at the end.
  std::vector<Tensor> tensors() const override { return {{parameters(), 1, 0}}; }
  bool classifies() const override { return false; }

  void initialize(Eigen::Ref<Vector<Real>> x, RandomStream /*random*/) const override { x.setZero(); }

  void gradient(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch,
                Eigen::Ref<Vector<Real>> gradient) const override {
    Vector<Real> product = x - optimum_;
    reflect(mirror_, product);
    product.array() *= eigenvalues_.array();
    reflect(mirror_, product);
    gradient = product;
    if (noise_ > 0 && batch.noise) {
      add_noise(batch, gradient);
    }
  }

  Evaluation evaluate(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& /*batch*/) const override {
    Vector<double> rotated = x.template cast<double>() - optimum_.template cast<double>();
    reflect<double>(mirror_.template cast<double>(), rotated);
    const double sum = (eigenvalues_.template cast<double>().array() * rotated.array().square()).sum();
    return {.loss_sum = 0.5 * sum, .correct = 0, .samples = 1};
  }

  /// x*.
  const Vector<Real>& optimum() const { return optimum_; }
  /// λ, ascending, those of A.
  const Vector<Real>& eigenvalues() const { return eigenvalues_; }

 private:
  static Vector<Real> spectrum(const QuadraticOptions& options) {
    const auto d = static_cast<Eigen::Index>(options.dimension);
    const double least = 1 / options.condition;
    Vector<Real> values(d);
    for (Eigen::Index i = 0; i < d; ++i) {
      const double place = d == 1 ? 1 : static_cast<double>(i) / static_cast<double>(d - 1);
      const double value =
          options.spectrum == Spectrum::linear ? least + (1 - least) * place : std::pow(least, 1 - place);
      values(i) = static_cast<Real>(value);
    }
    return values;
  }

  static Vector<Real> unit_vector(std::size_t dimension, RandomStream random) {
    boost::random::normal_distribution<double> normal;
    Vector<double> vector(static_cast<Eigen::Index>(dimension));
    for (double& element : vector) {
      element = normal(random);
    }
    return vector.normalized().template cast<Real>();
  }

  /// y ← y − 2v(vᵀy).
  template <class Scalar>
  static void reflect(const Vector<Scalar>& v, Vector<Scalar>& y) {
    const Scalar projection = Scalar(2) * v.dot(y);
    y -= projection * v;
  }

  void add_noise(const Batch<Real>& batch, Eigen::Ref<Vector<Real>> gradient) const {
    RandomStream random = *batch.noise;
    boost::random::normal_distribution<double> normal;
    const Real scale = static_cast<Real>(noise_ / std::sqrt(static_cast<double>(batch.size)));
    for (Real& element : gradient) {
      element += scale * static_cast<Real>(normal(random));
    }
  }

  double noise_;
  Vector<Real> eigenvalues_;
  Vector<Real> optimum_;
  Vector<Real> mirror_;
};

extern template class QuadraticModel<float>;
extern template class QuadraticModel<double>;

}  // namespace descent
