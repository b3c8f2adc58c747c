#pragma once

#include "algorithms/models/model.hpp"

#include <boost/random/normal_distribution.hpp>

#include <cmath>
#include <cstdint>

namespace descent {

/// Eigenvalues of a quadratic from 1/condition to 1: evenly spaced, or evenly in the logarithm.
enum class Spectrum { linear, geometric };

struct QuadraticShape {
  std::size_t dimension = 100;
  /// Largest eigenvalue over the smallest, ≥ 1.
  double condition = 100;
  Spectrum spectrum = Spectrum::linear;
  /// σ: standard deviation of each coordinate of a one-sample gradient.
  double noise = 0;
};

/// F(x) = ½ (x − x*)ᵀ A (x − x*), whose optimum x* and spectrum are known: A = H Λ H with a Householder reflection
/// H = I − 2vvᵀ, so that the coordinates are coupled and a product costs O(d). A batch of B samples adds noise of
/// standard deviation σ/√B to the gradient. x* and v are drawn from the seed; x starts at zero.
template <class Real>
class Quadratic final : public Model<Real> {
 public:
  Quadratic(const QuadraticShape& shape, std::uint64_t seed)
      : shape_(shape),
        eigenvalues_(static_cast<Eigen::Index>(shape.dimension)),
        optimum_(draw(seed, 0)),
        axis_(draw(seed, 1).normalized()) {
    const double smallest = 1 / shape.condition;
    for (Eigen::Index i = 0; i < eigenvalues_.size(); ++i) {
      const double place =
          eigenvalues_.size() > 1 ? static_cast<double>(i) / static_cast<double>(eigenvalues_.size() - 1) : 1.0;
      eigenvalues_(i) =
          Real(shape.spectrum == Spectrum::linear ? smallest + (1 - smallest) * place : std::pow(smallest, 1 - place));
    }
  }

  /// x*.
  const Vector<Real>& optimum() const { return optimum_; }

  std::size_t parameters() const override { return shape_.dimension; }
  double flops_per_sample() const override { return 0; }
  double flops_per_batch() const override {
    const auto d = static_cast<double>(shape_.dimension);
    return d + 4 * d + d + 4 * d + (shape_.noise > 0 ? 2 * d : 0);
  }
  bool classifies() const override { return false; }

  void initialize(Eigen::Ref<Vector<Real>> x, RandomStream /*random*/) const override { x.setZero(); }

  void gradient(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& batch,
                Eigen::Ref<Vector<Real>> gradient) const override {
    gradient = product(x - optimum_);
    if (shape_.noise > 0) {
      RandomStream noise = batch.noise;
      boost::random::normal_distribution<double> normal(0, shape_.noise / std::sqrt(static_cast<double>(batch.size)));
      for (Eigen::Index i = 0; i < gradient.size(); ++i) {
        gradient(i) += Real(normal(noise));
      }
    }
  }

  Evaluation evaluate(const Eigen::Ref<const Vector<Real>>& x, const Batch<Real>& /*batch*/) const override {
    const Vector<Real> from_optimum = x - optimum_;
    return {0.5 * static_cast<double>(from_optimum.dot(product(from_optimum))), 0, 1};
  }

 private:
  /// A u = H Λ H u.
  Vector<Real> product(const Vector<Real>& u) const {
    Vector<Real> result = u - (Real(2) * axis_.dot(u)) * axis_;
    result.array() *= eigenvalues_.array();
    result -= (Real(2) * axis_.dot(result)) * axis_;
    return result;
  }

  Vector<Real> draw(std::uint64_t seed, std::uint64_t which) const {
    RandomStream random(seed, Purpose::problem, which);
    boost::random::normal_distribution<double> normal;
    Vector<Real> result(static_cast<Eigen::Index>(shape_.dimension));
    for (Real& element : result) {
      element = Real(normal(random));
    }
    return result;
  }

  QuadraticShape shape_;
  Vector<Real> eigenvalues_;
  Vector<Real> optimum_;
  Vector<Real> axis_;
};

extern template class Quadratic<float>;
extern template class Quadratic<double>;

}  // namespace descent
