#include "algorithms/constraints/regularizer.hpp"
#include "algorithms/constraints/shrinkage.hpp"
#include "algorithms/math/reduction.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace descent {
namespace {

class ShrinkageRegularizer final : public Regularizer {
 public:
  explicit ShrinkageRegularizer(const Shrinkage& shrinkage) : shrinkage_(shrinkage) {}

  double value(const Snapshot& x) const override {
    return with_real(x.precision(), [&](auto real) {
      using Real = decltype(real);
      const Real* const elements = x.as<Real>().data();
      const auto element = [elements](std::size_t i) { return static_cast<double>(elements[i]); };
      const double magnitudes = fixed_sum<Real>(x.size(), [&](std::size_t i) { return std::abs(element(i)); });
      return shrinkage_.l1 * magnitudes + 0.5 * shrinkage_.l2 * squared_norm<Real>(x.size(), element);
    });
  }

  void shrink(Buffer& x, double step) const override {
    with_real(x.precision(), [&](auto real) {
      using Real = decltype(real);
      shrinkage_.apply(std::span<Real>(x.as<Real>().data(), x.size()), step);
    });
  }

  double flops_per_parameter() const override { return shrinkage_.flops_per_parameter(); }

 private:
  Shrinkage shrinkage_;
};

std::unique_ptr<Regularizer> make_l1(const Settings& settings) {
  return std::make_unique<ShrinkageRegularizer>(Shrinkage{settings.real("lambda"), 0});
}

std::unique_ptr<Regularizer> make_l2(const Settings& settings) {
  return std::make_unique<ShrinkageRegularizer>(Shrinkage{0, settings.real("lambda")});
}

std::unique_ptr<Regularizer> make_elastic_net(const Settings& settings) {
  const double lambda = settings.real("lambda");
  const double ratio = settings.real("l1-ratio");
  return std::make_unique<ShrinkageRegularizer>(Shrinkage{lambda * ratio, lambda * (1 - ratio)});
}

std::vector<RegularizerRow> make_regularizer_rows() {
  const Parameter lambda{
      .name = "lambda", .type = ParameterType::real, .meaning = "weight λ", .least = 0, .above = true};
  const Parameter ratio{.name = "l1-ratio",
                        .type = ParameterType::real,
                        .fallback = "0.5",
                        .meaning = "α: 1 is l1, 0 is l2",
                        .least = 0,
                        .most = 1};
  std::vector<RegularizerRow> rows;
  rows.push_back({{"l1",
                   "λ‖x‖₁: steps cut ηλ off every |xᵢ|, down to exact zeros",
                   "Tibshirani 1996, Regression shrinkage and selection via the lasso; steps: Daubechies et al. 2004",
                   {lambda}},
                  make_l1,
                  true});
  rows.push_back(
      {{"l2",
        "λ/2 ‖x‖²: steps divide x by 1 + ηλ",
        "Hoerl & Kennard 1970, Ridge regression; steps: Parikh & Boyd 2014, Proximal algorithms, section 6.1",
        {lambda}},
       make_l2});
  rows.push_back({{"elastic-net",
                   "λ(α‖x‖₁ + (1 − α)/2 ‖x‖²)",
                   "Zou & Hastie 2005, Regularization and variable selection via the elastic net",
                   {lambda, ratio}},
                  make_elastic_net,
                  true});
  return rows;
}

}  // namespace

std::span<const RegularizerRow> regularizer_rows() {
  static const std::vector<RegularizerRow> rows = make_regularizer_rows();
  return rows;
}

const RegularizerRow& find_regularizer(std::string_view name) {
  const auto rows = regularizer_rows();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.entry.name == name; });
  if (row == rows.end()) {
    throw std::logic_error("no such regularizer");
  }
  return *row;
}

}  // namespace descent
