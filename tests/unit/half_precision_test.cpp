// The formats of 16 bits, in all of their values.
#include "algorithms/compression/half_precision.hpp"
#include "tests/unit/compression_helpers.hpp"

#include <cmath>
#include <limits>

namespace descent {
namespace {

/// What the bits of a format mean, by its definition.
template <class Format>
double meaning(unsigned half) {
  const int bias = (1 << (Format::exponent - 1)) - 1;
  const int exponent = static_cast<int>(half >> Format::mantissa) & ((1 << Format::exponent) - 1);
  const double fraction = std::ldexp(static_cast<double>(half & ((1U << Format::mantissa) - 1)), -Format::mantissa);
  double value = exponent == 0 ? std::ldexp(fraction, 1 - bias) : std::ldexp(1 + fraction, exponent - bias);
  if (exponent == (1 << Format::exponent) - 1) {
    value = fraction == 0 ? std::numeric_limits<double>::infinity() : std::nan("");
  }
  return (half & 0x8000U) != 0 ? -value : value;
}

template <class Format, class Real>
void expect_all_patterns() {
  using Conversion = HalfConversion<Format, Real>;
  constexpr unsigned kQuiet = 1U << (Format::mantissa - 1);
  for (unsigned half = 0; half < 65536; ++half) {
    const double value = meaning<Format>(half);
    const Real wide = Conversion::widen(static_cast<std::uint16_t>(half));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(wide)) << half;
      EXPECT_EQ(Conversion::narrow(wide), half | kQuiet);
    } else {
      EXPECT_EQ(static_cast<double>(wide), value) << half;
      EXPECT_EQ(std::signbit(wide), std::signbit(value)) << half;
      EXPECT_EQ(Conversion::narrow(wide), half);
    }
  }
}

TEST(HalfPrecision, EveryPatternIsReadAndWrittenAsDefined) {
  expect_all_patterns<Fp16, float>();
  expect_all_patterns<Fp16, double>();
  expect_all_patterns<Bf16, float>();
  expect_all_patterns<Bf16, double>();
}

/// Between each two neighbours: halfway the even one, a hair off halfway the nearer. In double precision the hair is
/// one that single precision cannot tell. The largest number's upper neighbour is infinity.
template <class Format, class Real>
void expect_rounding() {
  using Conversion = HalfConversion<Format, Real>;
  const unsigned infinity = ((1U << Format::exponent) - 1) << Format::mantissa;
  const double beyond = std::ldexp(1.0, 1 << (Format::exponent - 1));
  for (unsigned half = 0; half < infinity; ++half) {
    const double above = half + 1 == infinity ? beyond : meaning<Format>(half + 1);
    const auto middle = static_cast<Real>((meaning<Format>(half) + above) / 2);
    const unsigned even = half % 2 == 0 ? half : half + 1;
    for (const Real sign : {Real{1}, Real{-1}}) {
      const unsigned bit = sign < 0 ? 0x8000U : 0;
      EXPECT_EQ(Conversion::narrow(sign * middle), even | bit) << half;
      EXPECT_EQ(Conversion::narrow(sign * std::nextafter(middle, Real{0})), half | bit);
      EXPECT_EQ(Conversion::narrow(sign * std::nextafter(middle, std::numeric_limits<Real>::max())), (half + 1) | bit);
    }
  }
}

TEST(HalfPrecision, RoundsToNearestTiesToEven) {
  expect_rounding<Fp16, float>();
  expect_rounding<Fp16, double>();
  expect_rounding<Bf16, float>();
  expect_rounding<Bf16, double>();
}

TEST(HalfPrecision, OfTheSmallestAndTheLargest) {
  EXPECT_EQ((HalfConversion<Fp16, double>::narrow(std::numeric_limits<double>::denorm_min())), 0U);
  EXPECT_EQ((HalfConversion<Fp16, float>::narrow(-std::numeric_limits<float>::denorm_min())), 0x8000U);
  EXPECT_EQ((HalfConversion<Fp16, double>::narrow(std::numeric_limits<double>::max())), 0x7C00U);
  EXPECT_EQ((HalfConversion<Bf16, double>::narrow(-std::numeric_limits<double>::max())), 0xFF80U);
  EXPECT_EQ((HalfConversion<Fp16, float>::narrow(65519.99F)), 0x7BFFU);
  EXPECT_EQ((HalfConversion<Fp16, float>::narrow(65520.0F)), 0x7C00U);
}

/// As vectors, so that what the compiler makes of the loop is tested too.
template <class Format, class Real>
void expect_vector(const std::string& name) {
  std::vector<double> values;
  for (unsigned half = 0; half < 65536; ++half) {
    values.push_back(meaning<Format>(half));
  }
  const Snapshot vector = snapshot<Real>(Eigen::Map<const Vector<double>>(values.data(), 65536).template cast<Real>());
  const Snapshot decoded = sent(*compressor(name), vector);
  for (unsigned half = 0; half < 65536; ++half) {
    const auto place = static_cast<Eigen::Index>(half);
    const Real value = decoded.as<Real>()(place);
    EXPECT_TRUE(std::isnan(values[half]) ? std::isnan(value) : static_cast<double>(value) == values[half]) << half;
    EXPECT_TRUE(std::isnan(value) || std::signbit(value) == std::signbit(values[half])) << half;
  }
}

TEST(HalfPrecision, OfVectors) {
  expect_vector<Fp16, float>("fp16");
  expect_vector<Fp16, double>("fp16");
  expect_vector<Bf16, float>("bf16");
  expect_vector<Bf16, double>("bf16");
}

}  // namespace
}  // namespace descent
