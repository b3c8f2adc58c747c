#pragma once

#include "algorithms/math/vector.hpp"
#include "algorithms/models/model.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace descent {

/// Whole tensors that are sent together, as soon as the backward pass has all their gradients (Li et al. 2020, PyTorch
/// distributed, section 3.2.3).
struct Bucket {
  /// Of the parameter vector.
  Part where;
  /// What is computed from the bucket before this one, or from the beginning, until it is complete, as a part of all
  /// that a gradient takes. Those of all buckets add up to one.
  double share;
};

/// In the order in which the backward pass completes them: from the last tensor on, each filled up to `bytes`, but with
/// one tensor at least.
std::vector<Bucket> buckets_of(std::span<const Tensor> tensors, double bytes_per_parameter, double bytes);

/// What of the buckets lies in [part.begin, part.begin + part.count), in their order; relative to the whole vector.
std::vector<Part> pieces_in(const Part& part, std::span<const Bucket> buckets);

}  // namespace descent
