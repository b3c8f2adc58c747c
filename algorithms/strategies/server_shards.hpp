#pragma once

#include "algorithms/strategies/problem.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace descent {

/// How parameters are dealt out to servers.
enum class ServerShards {
  /// As many elements each, wherever tensors end.
  equal,
  /// Runs of whole tensors, of which the largest is as small as can be.
  whole_tensors,
};

/// The part of the parameters that each server has, in their order. Precondition: of whole tensors there are at least
/// as many as servers.
std::vector<Part> shards_of(const Problem& problem, std::size_t servers, ServerShards how);

/// Runs of whole tensors, one for each of `parts` and none empty, of which the largest has as few elements as can be:
/// at most one tensor's more than the mean. Precondition: 1 ≤ parts ≤ tensors.
std::vector<Part> whole_tensor_parts(std::span<const Tensor> tensors, std::size_t parts);

}  // namespace descent
