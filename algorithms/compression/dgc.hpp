#pragma once

#include "algorithms/compression/sparse.hpp"

#include <optional>

namespace descent {

/// Deep gradient compression (Lin et al. 2018, section 3): of what has gathered and not been sent, the k elements of
/// largest magnitude; as top-k, 8k bytes. With m the momentum, for a gradient g of one of N senders:
///   g ← g · min(1, θ N^{-1/2} / ‖g‖)      local gradient clipping, where θ is given; of each part on its own
///   u ← m u + g;  v ← v + u               momentum correction
///   send the largest of v; there u ← 0, v ← 0   momentum factor masking
/// The momentum is in what is sent, so the update rule is to have none.
/// Warm-up: in the four quarters of `warmup` steps (in the paper, epochs) 25 %, 6.25 %, 1.5625 % and 0.4 % are sent,
/// but never less than after it.
class DeepGradientCompression final : public SparseCodec {
 public:
  struct Options {
    Sparsity sparsity;
    double momentum = 0.9;
    /// θ N^{-1/2}, above 0.
    std::optional<double> largest_norm;
    /// Steps.
    std::uint64_t warmup = 0;
  };
  explicit DeepGradientCompression(const Options& options) : options_(options) {}

  std::uint64_t encoded_bytes(Part part, std::uint64_t step) const override;
  Snapshot encode(const Snapshot& vector, Memory& memory, const Origin& origin) const override;
  /// u: 2, v: 1, selection; norm and clipping 3.
  double encode_flops(Part part) const override;
  std::size_t memory_vectors() const override { return 2; }

 private:
  std::size_t count(std::size_t size, std::uint64_t step) const;

  Options options_;
};

}  // namespace descent
