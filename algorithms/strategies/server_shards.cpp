#include "algorithms/strategies/server_shards.hpp"

#include <algorithm>
#include <numeric>

namespace descent {
namespace {

/// Runs that have at most `most` elements, each taking what it can while enough tensors are left for those after it.
/// Precondition: no tensor has more.
std::vector<Part> filled(std::span<const Tensor> tensors, std::size_t parts, std::size_t most) {
  std::vector<Part> runs;
  std::size_t begin = 0;
  for (std::size_t tensor = 0; tensor < tensors.size();) {
    const std::size_t first = tensor;
    std::size_t count = 0;
    while (tensor < tensors.size() && (tensor == first || (count + tensors[tensor].size() <= most &&
                                                           tensors.size() - tensor >= parts - runs.size()))) {
      count += tensors[tensor++].size();
    }
    runs.push_back({begin, count});
    begin += count;
  }
  return runs;
}

}  // namespace

/// The least capacity with which the runs suffice, by bisection.
std::vector<Part> whole_tensor_parts(std::span<const Tensor> tensors, std::size_t parts) {
  std::size_t least = 0;
  std::size_t all = 0;
  for (const Tensor& tensor : tensors) {
    least = std::max(least, tensor.size());
    all += tensor.size();
  }
  std::size_t enough = all;
  while (least < enough) {
    const std::size_t middle = least + (enough - least) / 2;
    if (filled(tensors, parts, middle).size() <= parts) {
      enough = middle;
    } else {
      least = middle + 1;
    }
  }
  return filled(tensors, parts, enough);
}

std::vector<Part> shards_of(const Problem& problem, std::size_t servers, ServerShards how) {
  if (how == ServerShards::whole_tensors) {
    return whole_tensor_parts(problem.tensors(), servers);
  }
  std::vector<Part> shards(servers);
  for (std::size_t server = 0; server < servers; ++server) {
    shards[server] = part_of(problem.parameters(), servers, server);
  }
  return shards;
}

}  // namespace descent
