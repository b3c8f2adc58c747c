#include "algorithms/strategies/buckets.hpp"

#include <algorithm>

namespace descent {

std::vector<Bucket> buckets_of(std::span<const Tensor> tensors, double bytes_per_parameter, double bytes) {
  std::size_t end = 0;
  // The forward pass and the loss come before the first.
  double share = 1;
  for (const Tensor& tensor : tensors) {
    end += tensor.size();
    share -= tensor.backward;
  }
  std::vector<Bucket> buckets;
  std::size_t count = 0;
  for (std::size_t i = tensors.size(); i > 0; --i) {
    const Tensor& tensor = tensors[i - 1];
    if (count > 0 && static_cast<double>(count + tensor.size()) * bytes_per_parameter > bytes) {
      end -= count;
      buckets.push_back({{end, count}, share});
      count = 0;
      share = 0;
    }
    count += tensor.size();
    share += tensor.backward;
  }
  buckets.push_back({{end - count, count}, share});
  return buckets;
}

std::vector<Part> pieces_in(const Part& part, std::span<const Bucket> buckets) {
  std::vector<Part> pieces;
  for (const Bucket& bucket : buckets) {
    const std::size_t begin = std::max(part.begin, bucket.where.begin);
    const std::size_t end = std::min(part.begin + part.count, bucket.where.begin + bucket.where.count);
    if (begin < end) {
      pieces.push_back({begin, end - begin});
    }
  }
  return pieces;
}

}  // namespace descent
