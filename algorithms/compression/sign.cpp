#include "algorithms/compression/sign.hpp"

#include "algorithms/compression/reductions.hpp"
#include "algorithms/compression/words.hpp"

#include <cmath>

namespace descent {

std::uint64_t Sign::encoded_bytes(Part part, std::uint64_t /*step*/) const {
  return 4 + (std::uint64_t{part.count} + 7) / 8;
}

Snapshot Sign::encode(const Snapshot& vector, Memory& /*memory*/, const Origin& origin) const {
  Words words(words_for(encoded_bytes(origin.part, origin.step)));
  with_real(vector.precision(), [&](auto real) {
    using Real = decltype(real);
    const Real* const x = vector.as<Real>().data();
    const std::size_t size = vector.size();
    const double sum = ordered_sum(size, [x](std::size_t i) { return std::abs(static_cast<double>(x[i])); });
    words.set(0, size == 0 ? 0 : static_cast<float>(sum / static_cast<double>(size)));
    pack(size, 1, words.data() + 1, [x](std::size_t i) { return x[i] < 0 ? 1U : 0U; });
  });
  return std::move(words).freeze();
}

Snapshot Sign::decode(const Snapshot& words, Part part, Precision precision) const {
  Buffer vector(precision, part.count);
  with_real(precision, [&](auto real) {
    using Real = decltype(real);
    Real* const x = vector.as<Real>().data();
    const auto scale = static_cast<Real>(float_at(words, 0));
    const Real values[2] = {scale, -scale};
    unpack(part.count, 1, words_of(words) + 1, [&](std::size_t i, std::uint32_t negative) { x[i] = values[negative]; });
  });
  return std::move(vector).freeze();
}

Snapshot Sign::combine(std::span<const Snapshot> words, Part part, Precision precision) const {
  if (combining_ == Combining::sum) {
    return Codec::combine(words, part, precision);
  }
  double scale = 0;
  std::vector<std::int32_t> votes(part.count, 0);
  for (const Snapshot& one : words) {
    const float own_scale = float_at(one, 0);
    scale += own_scale;
    if (own_scale != 0) {
      unpack(part.count, 1, words_of(one) + 1,
             [&](std::size_t i, std::uint32_t negative) { votes[i] += 1 - 2 * static_cast<std::int32_t>(negative); });
    }
  }
  Buffer vector(precision, part.count);
  with_real(precision, [&](auto real) {
    using Real = decltype(real);
    Real* const x = vector.as<Real>().data();
    for (std::size_t i = 0; i < part.count; ++i) {
      x[i] = static_cast<Real>(scale * ((votes[i] > 0 ? 1 : 0) - (votes[i] < 0 ? 1 : 0)));
    }
  });
  return std::move(vector).freeze();
}

}  // namespace descent
