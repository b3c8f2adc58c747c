#include "algorithms/compression/terngrad.hpp"

#include "algorithms/compression/reductions.hpp"
#include "algorithms/compression/streams.hpp"
#include "algorithms/compression/words.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

/// max |x|; NaN where any element is.
template <class Real>
double largest_magnitude(const Real* x, std::size_t size) {
  Real largest = 0;
  bool all_numbers = true;
  for (std::size_t i = 0; i < size; ++i) {
    largest = std::max(largest, std::abs(x[i]));
    all_numbers = all_numbers && x[i] == x[i];
  }
  return all_numbers ? static_cast<double>(largest) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::uint64_t TernGrad::encoded_bytes(Part part, std::uint64_t /*step*/) const {
  return 4 + (2 * std::uint64_t{part.count} + 7) / 8;
}

Snapshot TernGrad::encode(const Snapshot& vector, Memory& /*memory*/, const Origin& origin) const {
  Words words(words_for(encoded_bytes(origin.part, origin.step)));
  RandomStream random = own_stream(seed_, origin);
  with_real(vector.precision(), [&](auto real) {
    using Real = decltype(real);
    const Real* const x = vector.as<Real>().data();
    double bound = largest_magnitude(x, vector.size());
    if (clip_ && std::isfinite(bound) && bound > 0) {
      const double deviation = std::sqrt(squared_norm(x, vector.size()) / static_cast<double>(vector.size()));
      bound = std::min(bound, *clip_ * deviation);
    }
    const float scale = at_least(bound);
    words.set(0, scale);
    const double threshold = scale > 0 && std::isfinite(scale) ? 0x1p32 / scale : 0;
    pack(vector.size(), 2, words.data() + 1, [&](std::size_t i) {
      // In steps of 2^-32; one that is clipped is always sent.
      const bool sent = static_cast<double>(random()) < std::abs(static_cast<double>(x[i])) * threshold;
      return static_cast<std::uint32_t>(sent) << static_cast<unsigned>(x[i] < 0);
    });
  });
  return std::move(words).freeze();
}

Snapshot TernGrad::decode(const Snapshot& words, Part part, Precision precision) const {
  Buffer vector(precision, part.count);
  with_real(precision, [&](auto real) {
    using Real = decltype(real);
    Real* const x = vector.as<Real>().data();
    const auto scale = static_cast<Real>(float_at(words, 0));
    const Real values[4] = {scale * 0, scale, -scale, 0};  // a scale that is not finite shows in all elements
    unpack(part.count, 2, words_of(words) + 1, [&](std::size_t i, std::uint32_t field) { x[i] = values[field]; });
  });
  return std::move(vector).freeze();
}

}  // namespace descent
