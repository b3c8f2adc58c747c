#include "algorithms/compression/half_precision.hpp"

#include "algorithms/compression/words.hpp"

namespace descent {

template <class Format>
std::uint64_t HalfPrecision<Format>::encoded_bytes(Part part, std::uint64_t /*step*/) const {
  return 2 * std::uint64_t{part.count};
}

template <class Format>
Snapshot HalfPrecision<Format>::encode(const Snapshot& vector, Memory& /*memory*/, const Origin& origin) const {
  Words words(words_for(encoded_bytes(origin.part, origin.step)));
  auto* const halves = reinterpret_cast<std::uint16_t*>(words.data());
  with_real(vector.precision(), [&](auto real) {
    using Real = decltype(real);
    const Real* const x = vector.as<Real>().data();
    for (std::size_t i = 0; i < vector.size(); ++i) {
      halves[i] = HalfConversion<Format, Real>::narrow(x[i]);
    }
  });
  return std::move(words).freeze();
}

template <class Format>
Snapshot HalfPrecision<Format>::decode(const Snapshot& words, Part part, Precision precision) const {
  const auto* const halves = reinterpret_cast<const std::uint16_t*>(words.data());
  Buffer vector(precision, part.count);
  with_real(precision, [&](auto real) {
    using Real = decltype(real);
    Real* const x = vector.as<Real>().data();
    for (std::size_t i = 0; i < part.count; ++i) {
      x[i] = HalfConversion<Format, Real>::widen(halves[i]);
    }
  });
  return std::move(vector).freeze();
}

template class HalfPrecision<Fp16>;
template class HalfPrecision<Bf16>;

}  // namespace descent
