#pragma once

#include "algorithms/compression/codec.hpp"

#include <optional>

namespace descent {

/// How many of d elements are sent: k, or a part of them, but at least one and at most all.
struct Sparsity {
  std::optional<std::uint64_t> k;
  double ratio = 0;

  std::size_t of(std::size_t size) const;
};

/// Indices, ascending, of the k elements of largest magnitude; of equal ones those that come first. NaN is larger than
/// infinity. Precondition: k ≤ size < 2³².
template <class Real>
std::vector<std::uint32_t> largest(const Real* x, std::size_t size, std::size_t k);

extern template std::vector<std::uint32_t> largest(const float*, std::size_t, std::size_t);
extern template std::vector<std::uint32_t> largest(const double*, std::size_t, std::size_t);

/// A codec that sends some elements as they are: their indices, ascending, then their values.
class SparseCodec : public Codec {
 public:
  /// How many are sent may differ from step to step.
  bool fits(const Snapshot& words, Part part) const final;
  Snapshot decode(const Snapshot& words, Part part, Precision precision) const final;
  void accumulate(const Snapshot& words, Part part, int sign, Buffer& target) const final;
  /// Zeros and values written.
  double decode_flops(Part part) const final { return combine_flops(part, 1); }
  /// The zeros only once; of each vector, the values added.
  double combine_flops(Part part, std::size_t vectors) const final;

 protected:
  /// The words for these elements of `x`.
  template <class Real>
  static Snapshot words_with(const std::vector<std::uint32_t>& indices, const Real* x);

  /// Of `largest`: magnitude, bin, and comparison with the bin that the k-th is in. The few elements of that bin are
  /// not counted.
  static constexpr double kSelectionFlops = 3;
};

extern template Snapshot SparseCodec::words_with(const std::vector<std::uint32_t>&, const float*);
extern template Snapshot SparseCodec::words_with(const std::vector<std::uint32_t>&, const double*);

}  // namespace descent
