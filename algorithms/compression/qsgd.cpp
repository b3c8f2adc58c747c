#include "algorithms/compression/qsgd.hpp"

#include "algorithms/compression/reductions.hpp"
#include "algorithms/compression/streams.hpp"
#include "algorithms/compression/words.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace descent {

Qsgd::Qsgd(std::uint32_t levels, std::uint64_t seed)
    : levels_(levels), width_(1 + static_cast<unsigned>(std::bit_width(levels))), seed_(seed) {}

std::uint64_t Qsgd::encoded_bytes(Part part, std::uint64_t /*step*/) const {
  return 4 + (std::uint64_t{part.count} * width_ + 7) / 8;
}

Snapshot Qsgd::encode(const Snapshot& vector, Memory& /*memory*/, const Origin& origin) const {
  Words words(words_for(encoded_bytes(origin.part, origin.step)));
  RandomStream random = own_stream(seed_, origin);
  with_real(vector.precision(), [&](auto real) {
    using Real = decltype(real);
    const Real* const x = vector.as<Real>().data();
    // Not below the true norm, so that no element is above the highest level.
    const float norm = at_least(std::sqrt(squared_norm(x, vector.size())));
    words.set(0, norm);
    const bool finite = norm > 0 && std::isfinite(norm);
    const double scale = static_cast<double>(levels_) / norm;
    pack(vector.size(), width_, words.data() + 1, [&](std::size_t i) {
      // Up with the probability of what is above the level below, in steps of 2^-32.
      const double scaled = finite ? std::abs(static_cast<double>(x[i])) * scale : 0;
      const auto below = static_cast<std::uint32_t>(scaled);
      const auto up = static_cast<std::uint32_t>(static_cast<double>(random()) < (scaled - below) * 0x1p32);
      return std::min(below + up, levels_) << 1U | static_cast<std::uint32_t>(x[i] < 0);
    });
  });
  return std::move(words).freeze();
}

Snapshot Qsgd::decode(const Snapshot& words, Part part, Precision precision) const {
  Buffer vector(precision, part.count);
  with_real(precision, [&](auto real) {
    using Real = decltype(real);
    Real* const x = vector.as<Real>().data();
    const double unit = static_cast<double>(float_at(words, 0)) / levels_;
    const double units[2] = {unit, -unit};
    unpack(part.count, width_, words_of(words) + 1,
           [&](std::size_t i, std::uint32_t field) { x[i] = static_cast<Real>(units[field & 1U] * (field >> 1U)); });
  });
  return std::move(vector).freeze();
}

}  // namespace descent
