#pragma once

#include "algorithms/compression/codec.hpp"
#include "algorithms/models/model.hpp"

namespace descent {

/// PowerSGD (Vogels et al. 2019, algorithm 1): each m×n matrix M of the parameters as a product of rank r, by one step
/// of subspace iteration that begins where the last one ended: P = M Q, orthogonalized, then Q = Mᵀ P; M ≈ P Qᵀ. Exact,
/// to the rounding of single precision, for matrices of rank ≤ r. r is the rank asked for, m or n, whichever is least.
/// 4r(m+n) bytes a matrix; vectors, and matrices that are no larger than their factors, are sent whole.
///
/// Both stages are linear in M, so ranks can sum them: P, then Q. A sender on its own sends both at once.
class PowerSgd final : public LinearCodec {
 public:
  /// `tensors` of the whole vector, in order.
  PowerSgd(std::size_t rank, std::span<const Tensor> tensors, std::uint64_t seed);

  std::uint64_t encoded_bytes(Part part, std::uint64_t step) const override;
  Snapshot encode(const Snapshot& vector, Memory& memory, const Origin& origin) const override;
  Snapshot decode(const Snapshot& words, Part part, Precision precision) const override;
  double encode_flops(Part part) const override;
  double decode_flops(Part part) const override;
  /// Parts are to be of whole tensors.
  void check(std::span<const Part> parts) const override;

  std::size_t stages() const override { return 2; }
  std::size_t compact_size(Part part, std::size_t stage) const override;
  Snapshot compact(const Snapshot& vector, const Memory& memory, std::span<const Snapshot> sums,
                   const Origin& origin) const override;
  Snapshot expand(std::span<const Snapshot> sums, Part part, std::uint64_t step, Precision precision) const override;
  void remember(std::span<const Snapshot> sums, Part part, Memory& memory) const override;
  double compact_flops(Part part, std::size_t stage) const override;

 private:
  /// A tensor and where its values are in the whole vector and in those of the stages, P and Q.
  struct Place {
    std::size_t begin;
    std::size_t rows;
    std::size_t columns;
    /// 0: it is sent whole, in the second stage.
    std::size_t rank;

    std::size_t size() const { return rows * columns; }
    std::size_t first_values() const { return rank * rows; }
    std::size_t second_values() const { return rank > 0 ? rank * columns : size(); }
  };

  /// The tensors of a part. Throws std::logic_error unless they are whole.
  std::span<const Place> places(Part part) const;
  /// The Q that the step begins with: what is remembered, or random numbers, the same on all ranks.
  Snapshot first_factors(Part part, const Memory& memory) const;
  template <class Real>
  Snapshot multiply(const Snapshot& vector, const Snapshot& factors, Part part) const;
  template <class Real>
  Snapshot multiply_back(const Snapshot& vector, const Snapshot& sum, Part part) const;

  std::vector<Place> places_;
  std::uint64_t seed_;
};

}  // namespace descent
