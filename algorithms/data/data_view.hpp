#pragma once

#include "algorithms/comm/sharing.hpp"
#include "algorithms/data/dataset.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace descent {

/// Samples that somebody else owns: see Samples.
template <class Real>
class SampleView {
 public:
  SampleView() = default;
  SampleView(const Real* inputs, const Real* targets, std::size_t features, std::size_t size)
      : inputs_(inputs), targets_(targets), features_(features), size_(size) {}

  std::size_t size() const { return size_; }
  /// features × samples: a column is one sample.
  Eigen::Map<const Matrix<Real>> inputs() const {
    return {inputs_, static_cast<Eigen::Index>(features_), static_cast<Eigen::Index>(size_)};
  }
  Eigen::Map<const Vector<Real>> targets() const { return {targets_, static_cast<Eigen::Index>(size_)}; }

 private:
  const Real* inputs_ = nullptr;
  const Real* targets_ = nullptr;
  std::size_t features_ = 0;
  std::size_t size_ = 0;
};

/// A data set as the ranks read it: of this process alone, or one for all processes of the machine.
template <class Real>
struct DataView {
  SampleView<Real> train;
  SampleView<Real> test;
  std::size_t features = 0;
  /// Number of classes; 0 for regression.
  std::size_t classes = 0;
  std::shared_ptr<const void> owner;
};

template <class Real>
DataView<Real> view_of(Dataset<Real> dataset);

/// What `load` returns, loaded by the maker alone.
template <class Real>
DataView<Real> shared_view(Sharing& sharing, const std::function<Dataset<Real>()>& load);

}  // namespace descent
