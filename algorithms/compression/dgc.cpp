#include "algorithms/compression/dgc.hpp"

#include "algorithms/compression/reductions.hpp"
#include "algorithms/compression/words.hpp"

#include <algorithm>
#include <cmath>

namespace descent {

std::size_t DeepGradientCompression::count(std::size_t size, std::uint64_t step) const {
  const std::size_t final_count = options_.sparsity.of(size);
  if (step >= options_.warmup) {
    return final_count;
  }
  constexpr double kQuarters = 4;
  const double quarter = std::floor(kQuarters * static_cast<double>(step) / static_cast<double>(options_.warmup));
  return std::max(final_count, Sparsity{.k = {}, .ratio = std::pow(0.25, quarter + 1)}.of(size));
}

std::uint64_t DeepGradientCompression::encoded_bytes(Part part, std::uint64_t step) const {
  return 8 * std::uint64_t{count(part.count, step)};
}

Snapshot DeepGradientCompression::encode(const Snapshot& vector, Memory& memory, const Origin& origin) const {
  if (memory.empty()) {
    memory.assign(2, {});
    for (Snapshot& one : memory) {
      one = Buffer::zeros(vector.precision(), vector.size()).freeze();
    }
  }
  Buffer momentum = Buffer::from(std::move(memory[0]));
  Buffer unsent = Buffer::from(std::move(memory[1]));
  Snapshot words = with_real(vector.precision(), [&](auto real) {
    using Real = decltype(real);
    const Real* const g = vector.as<Real>().data();
    Real* const u = momentum.as<Real>().data();
    Real* const v = unsent.as<Real>().data();
    const std::size_t size = vector.size();
    Real factor = 1;
    if (options_.largest_norm) {
      const double norm = std::sqrt(squared_norm(g, size));
      factor = norm > *options_.largest_norm ? static_cast<Real>(*options_.largest_norm / norm) : factor;
    }
    const auto m = static_cast<Real>(options_.momentum);
    for (std::size_t i = 0; i < size; ++i) {
      u[i] = m * u[i] + factor * g[i];
      v[i] += u[i];
    }
    const std::vector<std::uint32_t> indices = largest(v, size, count(size, origin.step));
    Snapshot sent = words_with(indices, v);
    for (std::size_t i = 0; i < indices.size(); ++i) {
      u[indices[i]] = 0;
      // Zero, unless rounded to single precision for the wire.
      v[indices[i]] -= static_cast<Real>(float_at(sent, indices.size() + i));
    }
    return sent;
  });
  memory[0] = std::move(momentum).freeze();
  memory[1] = std::move(unsent).freeze();
  return words;
}

double DeepGradientCompression::encode_flops(Part part) const {
  return (3 + kSelectionFlops + (options_.largest_norm ? 3 : 0)) * static_cast<double>(part.count);
}

}  // namespace descent
