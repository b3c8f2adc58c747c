#include "algorithms/compression/sparse.hpp"

#include "algorithms/compression/words.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>

namespace descent {
namespace {

/// Orders numbers like their magnitudes.
template <class Real>
auto magnitude_bits(Real x) {
  using Bits = std::conditional_t<sizeof(Real) == sizeof(float), std::uint32_t, std::uint64_t>;
  return static_cast<Bits>(std::bit_cast<Bits>(x) & (~Bits{0} >> 1U));
}

/// The leading bits of the magnitude: exponent and a few of the mantissa.
constexpr unsigned kBinBits = 14;

template <class Real>
std::size_t bin_of(Real x) {
  return static_cast<std::size_t>(magnitude_bits(x) >> (8 * sizeof(Real) - 1 - kBinBits));
}

/// The bin that the k-th largest is in; `k` becomes its rank, from 1, in this bin. Precondition: 1 ≤ k ≤ size.
std::size_t bin_of_rank(const std::vector<std::uint32_t>& counts, std::size_t& k) {
  std::size_t bin = counts.size() - 1;
  while (counts[bin] < k) {
    k -= counts[bin];
    --bin;
  }
  return bin;
}

}  // namespace

std::size_t Sparsity::of(std::size_t size) const {
  const std::uint64_t wanted =
      k.value_or(static_cast<std::uint64_t>(std::max(1.0, std::round(ratio * static_cast<double>(size)))));
  return static_cast<std::size_t>(std::min<std::uint64_t>(wanted, size));
}

template <class Real>
std::vector<std::uint32_t> largest(const Real* x, std::size_t size, std::size_t k) {
  std::vector<std::uint32_t> chosen(k);
  if (k == size) {
    std::iota(chosen.begin(), chosen.end(), 0U);
    return chosen;
  }
  if (k == 0) {
    return chosen;
  }
  std::vector<std::uint32_t> counts(std::size_t{1} << kBinBits, 0);
  for (std::size_t i = 0; i < size; ++i) {
    ++counts[bin_of(x[i])];
  }
  std::size_t rest = k;
  const std::size_t bin = bin_of_rank(counts, rest);
  // What is in higher bins is chosen; of this one, the largest `rest`. Both lists have room for one that is then
  // overwritten, so that the loop needs no branch.
  std::vector<std::uint32_t> candidates(counts[bin] + std::size_t{1});
  std::size_t chosen_count = 0;
  std::size_t candidate_count = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t own = bin_of(x[i]);
    chosen[chosen_count] = static_cast<std::uint32_t>(i);
    candidates[candidate_count] = static_cast<std::uint32_t>(i);
    chosen_count += own > bin ? 1 : 0;
    candidate_count += own == bin ? 1 : 0;
  }
  candidates.pop_back();
  const auto before = [x](std::uint32_t a, std::uint32_t b) {
    const auto left = magnitude_bits(x[a]);
    const auto right = magnitude_bits(x[b]);
    return left != right ? left > right : a < b;
  };
  const auto last = candidates.begin() + static_cast<std::ptrdiff_t>(rest);
  std::nth_element(candidates.begin(), last - 1, candidates.end(), before);
  std::sort(candidates.begin(), last);
  const auto middle = chosen.begin() + static_cast<std::ptrdiff_t>(k - rest);
  std::copy(candidates.begin(), last, middle);
  std::inplace_merge(chosen.begin(), middle, chosen.end());
  return chosen;
}

template std::vector<std::uint32_t> largest(const float*, std::size_t, std::size_t);
template std::vector<std::uint32_t> largest(const double*, std::size_t, std::size_t);

template <class Real>
Snapshot SparseCodec::words_with(const std::vector<std::uint32_t>& indices, const Real* x) {
  const std::size_t k = indices.size();
  Words words(2 * k);
  std::copy(indices.begin(), indices.end(), words.data());
  for (std::size_t i = 0; i < k; ++i) {
    words.set(k + i, static_cast<float>(x[indices[i]]));
  }
  return std::move(words).freeze();
}

template Snapshot SparseCodec::words_with(const std::vector<std::uint32_t>&, const float*);
template Snapshot SparseCodec::words_with(const std::vector<std::uint32_t>&, const double*);

bool SparseCodec::fits(const Snapshot& words, Part part) const {
  const std::size_t k = words.size() / 2;
  return words.size() % 2 == 0 && (k == 0 || words_of(words)[k - 1] < part.count);
}

Snapshot SparseCodec::decode(const Snapshot& words, Part part, Precision precision) const {
  Buffer vector = Buffer::zeros(precision, part.count);
  accumulate(words, part, 1, vector);
  return std::move(vector).freeze();
}

void SparseCodec::accumulate(const Snapshot& words, Part /*part*/, int sign, Buffer& target) const {
  with_real(target.precision(), [&](auto real) {
    using Real = decltype(real);
    Real* const x = target.as<Real>().data();
    const std::size_t k = words.size() / 2;
    for (std::size_t i = 0; i < k; ++i) {
      x[words_of(words)[i]] += static_cast<Real>(sign) * static_cast<Real>(float_at(words, k + i));
    }
  });
}

double SparseCodec::combine_flops(Part part, std::size_t vectors) const {
  constexpr auto kAfterWarmup = std::numeric_limits<std::uint64_t>::max();
  const auto sent = static_cast<double>(encoded_bytes(part, kAfterWarmup)) / 8;
  return static_cast<double>(part.count) + static_cast<double>(vectors) * sent;
}

}  // namespace descent
