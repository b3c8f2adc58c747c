#pragma once

#include "algorithms/compression/codec.hpp"

namespace descent {

/// One-bit quantization (Seide et al. 2014, section 3.1): an element becomes the mean of those that are negative, if it
/// is, or the mean of the others; that is the least squared error of two values parted at zero. The paper takes the
/// means of each column of a matrix, this of the vector. Meant for use with error feedback. 8 + ⌈d/8⌉ bytes.
class OneBit final : public Codec {
 public:
  std::uint64_t encoded_bytes(Part part, std::uint64_t step) const override;
  Snapshot encode(const Snapshot& vector, Memory& memory, const Origin& origin) const override;
  Snapshot decode(const Snapshot& words, Part part, Precision precision) const override;
  /// Comparison, sum, count, packing.
  double encode_flops(Part part) const override { return 4 * static_cast<double>(part.count); }
  double decode_flops(Part part) const override { return static_cast<double>(part.count); }
};

}  // namespace descent
