#pragma once

#include "algorithms/compression/codec.hpp"

#include <optional>

namespace descent {

/// TernGrad (Wen et al. 2017, section 3.1): element x_i becomes s sgn(x_i) b_i with s = max |x|, and b_i one with
/// probability |x_i|/s, else zero. Sent as s and two bits for each element: 4 + ⌈2d/8⌉ bytes. Unbiased. With clipping
/// (section 3.3) what is beyond c standard deviations σ becomes ±cσ first, which makes s smaller, and biased what was
/// beyond. σ is taken about zero, so that a vector of equal elements is left as it is.
class TernGrad final : public Codec {
 public:
  /// `clip`: c, above 0.
  TernGrad(std::optional<double> clip, std::uint64_t seed) : clip_(clip), seed_(seed) {}

  std::uint64_t encoded_bytes(Part part, std::uint64_t step) const override;
  Snapshot encode(const Snapshot& vector, Memory& memory, const Origin& origin) const override;
  Snapshot decode(const Snapshot& words, Part part, Precision precision) const override;
  /// Magnitude, maximum, quotient, random number, comparison, packing; the deviation 2.
  double encode_flops(Part part) const override { return (clip_ ? 8 : 6) * static_cast<double>(part.count); }
  /// Unpacking and scaling.
  double decode_flops(Part part) const override { return 2 * static_cast<double>(part.count); }

 private:
  std::optional<double> clip_;
  std::uint64_t seed_;
};

}  // namespace descent
