#include "algorithms/compression/random_k.hpp"

#include "algorithms/compression/streams.hpp"
#include "algorithms/compression/words.hpp"

#include <boost/random/uniform_int_distribution.hpp>

#include <bit>
#include <utility>

namespace descent {
namespace {

constexpr std::size_t kSeedWords = 2;

/// k different numbers below `size`, ascending (Floyd's algorithm; Bentley & Floyd 1987).
std::vector<std::uint32_t> coordinates(std::uint64_t seed, std::size_t size, std::size_t k) {
  RandomStream random = shared_stream(seed, 0, 0);
  std::vector<std::uint64_t> chosen((size + 63) / 64, 0);
  const auto choose = [&chosen](std::size_t i) {
    const std::uint64_t bit = std::uint64_t{1} << (i % 64);
    return (std::exchange(chosen[i / 64], chosen[i / 64] | bit) & bit) == 0;
  };
  for (std::size_t last = size - k; last < size; ++last) {
    boost::random::uniform_int_distribution<std::size_t> pick(0, last);
    if (!choose(pick(random))) {
      choose(last);
    }
  }
  std::vector<std::uint32_t> ascending;
  ascending.reserve(k);
  for (std::size_t word = 0; word < chosen.size(); ++word) {
    for (std::uint64_t bits = chosen[word]; bits != 0; bits &= bits - 1) {
      ascending.push_back(static_cast<std::uint32_t>(64 * word + static_cast<std::size_t>(std::countr_zero(bits))));
    }
  }
  return ascending;
}

}  // namespace

std::uint64_t RandomK::encoded_bytes(Part part, std::uint64_t /*step*/) const {
  return 8 + 4 * std::uint64_t{compact_size(part, 0)};
}

std::size_t RandomK::compact_size(Part part, std::size_t /*stage*/) const {
  return sparsity_.of(part.count);
}

std::uint64_t RandomK::shared_seed(Part part, std::uint64_t step) const {
  RandomStream random = shared_stream(seed_, part.begin, step);
  const std::uint64_t high = random();
  return high << 32U | random();
}

Snapshot RandomK::compact(const Snapshot& vector, const Memory& /*memory*/, std::span<const Snapshot> /*sums*/,
                          const Origin& origin) const {
  const std::size_t k = compact_size(origin.part, 0);
  Words values(k);
  with_real(vector.precision(), [&](auto real) {
    using Real = decltype(real);
    const Real* const x = vector.as<Real>().data();
    std::size_t next = 0;
    for (const std::uint32_t i : coordinates(shared_seed(origin.part, origin.step), vector.size(), k)) {
      values.set(next++, static_cast<float>(x[i]));
    }
  });
  return std::move(values).freeze();
}

Snapshot RandomK::encode(const Snapshot& vector, Memory& memory, const Origin& origin) const {
  const std::uint64_t seed = shared_seed(origin.part, origin.step);
  Words words(kSeedWords);
  words.data()[0] = static_cast<std::uint32_t>(seed);
  words.data()[1] = static_cast<std::uint32_t>(seed >> 32U);
  const Snapshot parts[] = {std::move(words).freeze(), compact(vector, memory, {}, origin)};
  return join(parts);
}

Snapshot RandomK::decode(const Snapshot& words, Part part, Precision precision) const {
  Buffer vector = Buffer::zeros(precision, part.count);
  accumulate(words, part, 1, vector);
  return std::move(vector).freeze();
}

void RandomK::accumulate(const Snapshot& words, Part part, int sign, Buffer& target) const {
  const std::uint64_t seed = words_of(words)[0] | std::uint64_t{words_of(words)[1]} << 32U;
  scatter(seed, words.slice(kSeedWords, words.size() - kSeedWords), part, sign, target);
}

Snapshot RandomK::expand(std::span<const Snapshot> sums, Part part, std::uint64_t step, Precision precision) const {
  Buffer vector = Buffer::zeros(precision, part.count);
  scatter(shared_seed(part, step), sums.front(), part, 1, vector);
  return std::move(vector).freeze();
}

void RandomK::scatter(std::uint64_t seed, const Snapshot& values, Part part, int sign, Buffer& target) const {
  const std::size_t k = values.size();
  const double scale = scaling_ == Scaling::none ? 1 : static_cast<double>(part.count) / static_cast<double>(k);
  with_real(target.precision(), [&](auto real) {
    using Real = decltype(real);
    Real* const x = target.as<Real>().data();
    const Real factor = static_cast<Real>(sign * scale);
    std::size_t next = 0;
    for (const std::uint32_t i : coordinates(seed, part.count, k)) {
      x[i] += factor * static_cast<Real>(float_at(values, next++));
    }
  });
}

double RandomK::compact_flops(Part part, std::size_t /*stage*/) const {
  return 2 * static_cast<double>(compact_size(part, 0));
}

/// A random number, scaling and addition.
double RandomK::combine_flops(Part part, std::size_t vectors) const {
  return static_cast<double>(part.count) + 3 * static_cast<double>(vectors * compact_size(part, 0));
}

}  // namespace descent
