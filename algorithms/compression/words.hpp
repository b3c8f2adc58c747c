#pragma once

#include "algorithms/math/vector.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace descent {

constexpr std::size_t words_for(std::uint64_t bytes) {
  return static_cast<std::size_t>((bytes + 3) / 4);
}

/// Words under construction, at first all zero.
class Words {
 public:
  explicit Words(std::size_t count) : buffer_(Buffer::zeros(Precision::single_precision, count)) {}

  std::uint32_t* data() { return reinterpret_cast<std::uint32_t*>(buffer_.data()); }
  void set(std::size_t index, float value) { data()[index] = std::bit_cast<std::uint32_t>(value); }
  Snapshot freeze() && { return std::move(buffer_).freeze(); }

 private:
  Buffer buffer_;
};

inline const std::uint32_t* words_of(const Snapshot& words) {
  return reinterpret_cast<const std::uint32_t*>(words.data());
}

inline float float_at(const Snapshot& words, std::size_t index) {
  return std::bit_cast<float>(words_of(words)[index]);
}

/// The least number of single precision that is not below `value`: what may have to bound it.
inline float at_least(double value) {
  const auto nearest = static_cast<float>(value);
  return nearest < value ? std::nextafter(nearest, std::numeric_limits<float>::infinity()) : nearest;
}

/// Packs field(0), field(1), …, each below 2^width, from the lowest bit of each word up. 1 ≤ width ≤ 32.
template <class Field>
void pack(std::size_t count, unsigned width, std::uint32_t* words, const Field& field) {
  std::uint64_t held = 0;
  unsigned filled = 0;
  for (std::size_t i = 0; i < count; ++i) {
    held |= static_cast<std::uint64_t>(field(i)) << filled;
    filled += width;
    if (filled >= 32) {
      *words++ = static_cast<std::uint32_t>(held);
      held >>= 32U;
      filled -= 32;
    }
  }
  if (filled > 0) {
    *words = static_cast<std::uint32_t>(held);
  }
}

/// Calls use(i, field) with what `pack` packed.
template <class Use>
void unpack(std::size_t count, unsigned width, const std::uint32_t* words, const Use& use) {
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  std::uint64_t held = 0;
  unsigned filled = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (filled < width) {
      held |= static_cast<std::uint64_t>(*words++) << filled;
      filled += 32;
    }
    use(i, static_cast<std::uint32_t>(held & mask));
    held >>= width;
    filled -= width;
  }
}

}  // namespace descent
