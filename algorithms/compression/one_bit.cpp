#include "algorithms/compression/one_bit.hpp"

#include "algorithms/compression/reductions.hpp"
#include "algorithms/compression/words.hpp"

namespace descent {

std::uint64_t OneBit::encoded_bytes(Part part, std::uint64_t /*step*/) const {
  return 8 + (std::uint64_t{part.count} + 7) / 8;
}

Snapshot OneBit::encode(const Snapshot& vector, Memory& /*memory*/, const Origin& origin) const {
  Words words(words_for(encoded_bytes(origin.part, origin.step)));
  with_real(vector.precision(), [&](auto real) {
    using Real = decltype(real);
    const Real* const x = vector.as<Real>().data();
    const std::size_t size = vector.size();
    // A NaN is not negative.
    const double above = ordered_sum(size, [x](std::size_t i) { return x[i] < 0 ? 0 : static_cast<double>(x[i]); });
    const double below = ordered_sum(size, [x](std::size_t i) { return x[i] < 0 ? static_cast<double>(x[i]) : 0; });
    const double negative = ordered_sum(size, [x](std::size_t i) { return x[i] < 0 ? 1.0 : 0.0; });
    const double others = static_cast<double>(size) - negative;
    words.set(0, others > 0 ? static_cast<float>(above / others) : 0);
    words.set(1, negative > 0 ? static_cast<float>(below / negative) : 0);
    pack(size, 1, words.data() + 2, [x](std::size_t i) { return x[i] < 0 ? 1U : 0U; });
  });
  return std::move(words).freeze();
}

Snapshot OneBit::decode(const Snapshot& words, Part part, Precision precision) const {
  Buffer vector(precision, part.count);
  with_real(precision, [&](auto real) {
    using Real = decltype(real);
    Real* const x = vector.as<Real>().data();
    const Real means[2] = {static_cast<Real>(float_at(words, 0)), static_cast<Real>(float_at(words, 1))};
    unpack(part.count, 1, words_of(words) + 2, [&](std::size_t i, std::uint32_t negative) { x[i] = means[negative]; });
  });
  return std::move(vector).freeze();
}

}  // namespace descent
