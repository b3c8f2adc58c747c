#pragma once

#include "algorithms/compression/sparse.hpp"

namespace descent {

/// k elements at random, every set of k as likely, the same on all ranks at the same step (Stich et al. 2018; Wangni et
/// al. 2018): a shared seed and the values, 8 + 4k bytes. Because the coordinates are the same, ranks can sum the k
/// values. Scaled by d/k it is unbiased; unscaled ‖x − C(x)‖² is (1 − k/d) ‖x‖² in the mean, which error feedback
/// needs.
class RandomK final : public LinearCodec {
 public:
  enum class Scaling { none, unbiased };
  RandomK(Sparsity sparsity, Scaling scaling, std::uint64_t seed)
      : sparsity_(sparsity), scaling_(scaling), seed_(seed) {}

  std::uint64_t encoded_bytes(Part part, std::uint64_t step) const override;
  Snapshot encode(const Snapshot& vector, Memory& memory, const Origin& origin) const override;
  Snapshot decode(const Snapshot& words, Part part, Precision precision) const override;
  void accumulate(const Snapshot& words, Part part, int sign, Buffer& target) const override;
  double encode_flops(Part part) const override { return compact_flops(part, 0); }
  /// Zeros written; values scaled and added.
  double decode_flops(Part part) const override { return combine_flops(part, 1); }
  /// The zeros only once.
  double combine_flops(Part part, std::size_t vectors) const override;

  std::size_t stages() const override { return 1; }
  std::size_t compact_size(Part part, std::size_t stage) const override;
  Snapshot compact(const Snapshot& vector, const Memory& memory, std::span<const Snapshot> sums,
                   const Origin& origin) const override;
  Snapshot expand(std::span<const Snapshot> sums, Part part, std::uint64_t step, Precision precision) const override;
  /// A random number and an element moved.
  double compact_flops(Part part, std::size_t stage) const override;

 private:
  /// Decides the coordinates.
  std::uint64_t shared_seed(Part part, std::uint64_t step) const;
  void scatter(std::uint64_t seed, const Snapshot& values, Part part, int sign, Buffer& target) const;

  Sparsity sparsity_;
  Scaling scaling_;
  std::uint64_t seed_;
};

}  // namespace descent
