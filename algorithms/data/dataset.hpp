#pragma once

#include "algorithms/math/vector.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace descent {

/// Samples and what is to be predicted of them.
template <class Real>
struct Samples {
  /// features × samples: a column is one sample.
  Matrix<Real> inputs;
  /// One number a sample: the class 0, 1, …, classes − 1, or the value in regression.
  Vector<Real> targets;

  std::size_t size() const { return static_cast<std::size_t>(targets.size()); }
};

template <class Real>
struct Dataset {
  Samples<Real> train;
  /// May have no samples: then there is no test loss and no test accuracy.
  Samples<Real> test;
  /// Number of classes; 0 for regression.
  std::size_t classes = 0;

  std::size_t features() const { return static_cast<std::size_t>(train.inputs.rows()); }
};

/// Which training samples each shard holds: disjoint, and together all of them.
using Partition = std::vector<std::vector<std::uint32_t>>;

}  // namespace descent
