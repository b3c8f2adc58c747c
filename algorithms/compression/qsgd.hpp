#pragma once

#include "algorithms/compression/codec.hpp"

namespace descent {

/// QSGD (Alistarh et al. 2017, section 3.1): element x_i becomes ‖x‖₂ sgn(x_i) ξ_i, ξ_i one of the two multiples of 1/s
/// around |x_i|/‖x‖₂, at random such that the mean is right. Sent as the norm and, for each element, sign and level of
/// fixed width: 4 + ⌈d (1 + ⌈log₂(s+1)⌉) / 8⌉ bytes. Unbiased; E‖Q(x) − x‖² ≤ min(d/s², √d/s) ‖x‖² (lemma 3.1).
class Qsgd final : public Codec {
 public:
  /// `levels`: s, from 1 to 65535.
  Qsgd(std::uint32_t levels, std::uint64_t seed);

  std::uint64_t encoded_bytes(Part part, std::uint64_t step) const override;
  Snapshot encode(const Snapshot& vector, Memory& memory, const Origin& origin) const override;
  Snapshot decode(const Snapshot& words, Part part, Precision precision) const override;
  /// The norm 2, magnitude, scaling, random number, rounding up or not, packing.
  double encode_flops(Part part) const override { return 7 * static_cast<double>(part.count); }
  /// Unpacking and scaling.
  double decode_flops(Part part) const override { return 2 * static_cast<double>(part.count); }

 private:
  std::uint32_t levels_;
  /// Bits of an element.
  unsigned width_;
  std::uint64_t seed_;
};

}  // namespace descent
