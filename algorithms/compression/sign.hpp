#pragma once

#include "algorithms/compression/codec.hpp"

namespace descent {

/// The sign of each element, scaled by the mean magnitude ‖x‖₁/d (Karimireddy et al. 2019, algorithm 1; signSGD of
/// Bernstein et al. 2018 leaves the scale to the learning rate). Zero counts as positive. 4 + ⌈d/8⌉ bytes.
/// With majority vote (Bernstein et al. 2019, algorithm 1) the receiver takes for the sum of P vectors the sign of the
/// sum of their signs, scaled by the sum of their scales: P times a vector of the mean scale. A vector that is zero has
/// no vote, and a tie is zero.
class Sign final : public Codec {
 public:
  enum class Combining { sum, majority_vote };
  explicit Sign(Combining combining) : combining_(combining) {}

  std::uint64_t encoded_bytes(Part part, std::uint64_t step) const override;
  Snapshot encode(const Snapshot& vector, Memory& memory, const Origin& origin) const override;
  Snapshot decode(const Snapshot& words, Part part, Precision precision) const override;
  Snapshot combine(std::span<const Snapshot> words, Part part, Precision precision) const override;
  bool combines_to_sum() const override { return combining_ == Combining::sum; }
  /// Magnitude, sum, comparison, packing.
  double encode_flops(Part part) const override { return 4 * static_cast<double>(part.count); }
  double decode_flops(Part part) const override { return static_cast<double>(part.count); }

 private:
  Combining combining_;
};

}  // namespace descent
