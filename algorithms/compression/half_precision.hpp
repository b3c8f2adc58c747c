#pragma once

#include "algorithms/compression/codec.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace descent {

/// Floating-point formats of 16 bits: sign, exponent, mantissa.
struct Fp16 {  // IEEE 754 binary16
  static constexpr int exponent = 5;
  static constexpr int mantissa = 10;
};
struct Bf16 {  // the upper half of binary32
  static constexpr int exponent = 8;
  static constexpr int mantissa = 7;
};

/// What converting between Real and a format of 16 bits takes.
template <class Format, class Real>
struct HalfConversion {
  using Bits = std::conditional_t<sizeof(Real) == sizeof(float), std::uint32_t, std::uint64_t>;

  static constexpr int kMantissa = std::numeric_limits<Real>::digits - 1;
  static constexpr int kBias = std::numeric_limits<Real>::max_exponent - 1;
  static constexpr int kHalfBias = (1 << (Format::exponent - 1)) - 1;
  static constexpr int kDropped = kMantissa - Format::mantissa;
  static constexpr Bits kInfinity = Bits{2 * kBias + 1} << kMantissa;
  static constexpr Bits kHalfInfinity = Bits{2 * kHalfBias + 1} << Format::mantissa;
  static constexpr Bits kRebias = Bits{kBias - kHalfBias} << Format::mantissa;
  static constexpr Bits kLeastNormal = Bits{kBias - kHalfBias + 1} << kMantissa;
  /// Where the format is subnormal it has fixed spacing: 2 to this power.
  static constexpr int kSpacing = 1 - kHalfBias - Format::mantissa;

  /// Rounded to nearest, ties to even, in one step; beyond the largest number infinity. A NaN becomes a quiet one.
  static std::uint16_t narrow(Real value) {
    const Bits bits = std::bit_cast<Bits>(value);
    const Bits magnitude = bits & (~Bits{0} >> 1U);
    const Bits ties_to_even = (Bits{1} << (kDropped - 1)) - 1 + ((magnitude >> kDropped) & 1U);
    const Bits normal = ((magnitude + ties_to_even) >> kDropped) - kRebias;
    // A number whose own spacing is that of the subnormals: the sum is rounded to it.
    constexpr Bits kMagic = static_cast<Bits>(kBias + kMantissa + kSpacing) << kMantissa;
    const Bits subnormal = std::bit_cast<Bits>(std::bit_cast<Real>(magnitude) + std::bit_cast<Real>(kMagic)) - kMagic;
    constexpr Bits kQuiet = kHalfInfinity | Bits{1} << (Format::mantissa - 1);
    const Bits nan = kQuiet | ((magnitude >> kDropped) & ((Bits{1} << Format::mantissa) - 1));
    Bits half = normal < kHalfInfinity ? normal : kHalfInfinity;
    half = magnitude < kLeastNormal ? subnormal : half;
    half = magnitude > kInfinity ? nan : half;
    return static_cast<std::uint16_t>(half | (bits >> (8 * sizeof(Real) - 16) & 0x8000U));
  }

  /// Exact.
  static Real widen(std::uint16_t half) {
    const Bits magnitude = half & 0x7FFFU;
    const Bits normal = (magnitude << kDropped) + (Bits{kBias - kHalfBias} << kMantissa);
    const Bits special = (magnitude << kDropped) | kInfinity;
    constexpr auto kUnit = std::bit_cast<double>(std::uint64_t{1023 + kSpacing} << 52U);
    const auto subnormal = std::bit_cast<Bits>(static_cast<Real>(static_cast<int>(magnitude) * kUnit));
    Bits wide = magnitude < (Bits{1} << Format::mantissa) ? subnormal : normal;
    wide = magnitude >= kHalfInfinity ? special : wide;
    return std::bit_cast<Real>(wide | Bits{half & 0x8000U} << (8 * sizeof(Real) - 16));
  }
};

/// Every element in a format of 16 bits: 2d bytes.
template <class Format>
class HalfPrecision final : public Codec {
 public:
  std::uint64_t encoded_bytes(Part part, std::uint64_t step) const override;
  Snapshot encode(const Snapshot& vector, Memory& memory, const Origin& origin) const override;
  Snapshot decode(const Snapshot& words, Part part, Precision precision) const override;
  double encode_flops(Part part) const override { return static_cast<double>(part.count); }
  double decode_flops(Part part) const override { return static_cast<double>(part.count); }
};

extern template class HalfPrecision<Fp16>;
extern template class HalfPrecision<Bf16>;

}  // namespace descent
