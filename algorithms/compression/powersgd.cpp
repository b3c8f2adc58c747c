#include "algorithms/compression/powersgd.hpp"

#include "algorithms/compression/reductions.hpp"
#include "algorithms/compression/streams.hpp"
#include "algorithms/compression/words.hpp"
#include "algorithms/core/error.hpp"

#include <fmt/format.h>
#include <boost/random/normal_distribution.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace descent {
namespace {

/// Of a column's length, what is left of it orthogonal to those before it when it depends on them.
constexpr double kDependent = 1e-12;

double dot(const double* a, const double* b, std::size_t size) {
  return ordered_sum(size, [a, b](std::size_t i) { return a[i] * b[i]; });
}

/// P as it was summed, with orthonormal columns (modified Gram-Schmidt, twice, in double precision). A column that
/// depends on those before it becomes zero.
template <class Real>
std::vector<Real> orthogonalized(const float* values, std::size_t rows, std::size_t columns) {
  std::vector<double> p(values, values + rows * columns);
  for (std::size_t c = 0; c < columns; ++c) {
    double* const column = p.data() + c * rows;
    const double before = std::sqrt(dot(column, column, rows));
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t b = 0; b < c; ++b) {
        const double* const other = p.data() + b * rows;
        const double along = dot(column, other, rows);
        for (std::size_t i = 0; i < rows; ++i) {
          column[i] -= along * other[i];
        }
      }
    }
    const double length = std::sqrt(dot(column, column, rows));
    const double factor = length <= kDependent * before ? 0 : 1 / length;
    for (std::size_t i = 0; i < rows; ++i) {
      column[i] *= factor;
    }
  }
  return {p.begin(), p.end()};
}

const float* floats_of(const Snapshot& values) {
  return reinterpret_cast<const float*>(values.data());
}

}  // namespace

PowerSgd::PowerSgd(std::size_t rank, std::span<const Tensor> tensors, std::uint64_t seed) : seed_(seed) {
  std::size_t begin = 0;
  for (const Tensor& tensor : tensors) {
    const std::size_t own = std::min({rank, tensor.rows, tensor.columns});
    const bool whole = own * (tensor.rows + tensor.columns) >= tensor.size();
    places_.push_back({begin, tensor.rows, tensor.columns, whole ? 0 : own});
    begin += tensor.size();
  }
}

std::span<const PowerSgd::Place> PowerSgd::places(Part part) const {
  const auto before = [](const Place& place, std::size_t position) { return place.begin < position; };
  const auto first = std::lower_bound(places_.begin(), places_.end(), part.begin, before);
  const auto last = std::lower_bound(first, places_.end(), part.begin + part.count, before);
  const bool starts = part.count == 0 || (first != places_.end() && first->begin == part.begin);
  const bool ends = first == last || (last - 1)->begin + (last - 1)->size() == part.begin + part.count;
  if (!starts || !ends) {
    throw std::logic_error("powersgd takes whole tensors");
  }
  return {first, last};
}

void PowerSgd::check(std::span<const Part> parts) const {
  for (const Part& part : parts) {
    for (const std::size_t edge : {part.begin, part.begin + part.count}) {
      for (const Place& place : places_) {
        if (place.begin < edge && edge < place.begin + place.size()) {
          throw InputError(fmt::format(
              "compression 'powersgd' takes whole tensors, and here one of {} x {} parameters is cut; allowed: another "
              "compression, or parts that end where tensors do",
              place.rows, place.columns));
        }
      }
    }
  }
}

std::uint64_t PowerSgd::encoded_bytes(Part part, std::uint64_t /*step*/) const {
  return 4 * std::uint64_t{compact_size(part, 0) + compact_size(part, 1)};
}

std::size_t PowerSgd::compact_size(Part part, std::size_t stage) const {
  std::size_t size = 0;
  for (const Place& place : places(part)) {
    size += stage == 0 ? place.first_values() : place.second_values();
  }
  return size;
}

Snapshot PowerSgd::first_factors(Part part, const Memory& memory) const {
  if (!memory.empty()) {
    return memory.front();
  }
  Words factors(compact_size(part, 1));
  boost::random::normal_distribution<double> normal;
  std::size_t next = 0;
  for (const Place& place : places(part)) {
    if (place.rank > 0) {
      RandomStream random = shared_stream(seed_, place.begin, 0);
      for (std::size_t i = 0; i < place.second_values(); ++i) {
        factors.set(next + i, static_cast<float>(normal(random)));
      }
      normal.reset();
    }
    next += place.second_values();
  }
  return std::move(factors).freeze();
}

/// P = M Q, column by column of M.
template <class Real>
Snapshot PowerSgd::multiply(const Snapshot& vector, const Snapshot& factors, Part part) const {
  Buffer values(Precision::single_precision, compact_size(part, 0));
  float* next = values.as<float>().data();
  const float* q = floats_of(factors);
  for (const Place& place : places(part)) {
    std::vector<Real> p(place.first_values(), 0);
    const Real* column = vector.as<Real>().data() + (place.begin - part.begin);
    for (std::size_t j = 0; j < place.columns; ++j, column += place.rows) {
      for (std::size_t c = 0; c < place.rank; ++c) {
        const Real weight = static_cast<Real>(q[c * place.columns + j]);
        Real* const sum = p.data() + c * place.rows;
        for (std::size_t i = 0; i < place.rows; ++i) {
          sum[i] += weight * column[i];
        }
      }
    }
    next = std::transform(p.begin(), p.end(), next, [](Real x) { return static_cast<float>(x); });
    q += place.second_values();
  }
  return std::move(values).freeze();
}

/// Q = Mᵀ P for orthogonalized P; what is sent whole.
template <class Real>
Snapshot PowerSgd::multiply_back(const Snapshot& vector, const Snapshot& sum, Part part) const {
  Buffer values(Precision::single_precision, compact_size(part, 1));
  float* next = values.as<float>().data();
  const float* first = floats_of(sum);
  for (const Place& place : places(part)) {
    const Real* const matrix = vector.as<Real>().data() + (place.begin - part.begin);
    if (place.rank == 0) {
      std::transform(matrix, matrix + place.size(), next, [](Real x) { return static_cast<float>(x); });
    } else {
      const std::vector<Real> p = orthogonalized<Real>(first, place.rows, place.rank);
      for (std::size_t j = 0; j < place.columns; ++j) {
        const Real* const column = matrix + j * place.rows;
        for (std::size_t c = 0; c < place.rank; ++c) {
          const Real* const other = p.data() + c * place.rows;
          next[c * place.columns + j] = static_cast<float>(ordered_sum(place.rows, [column, other](std::size_t i) {
            return static_cast<double>(column[i]) * static_cast<double>(other[i]);
          }));
        }
      }
    }
    next += place.second_values();
    first += place.first_values();
  }
  return std::move(values).freeze();
}

Snapshot PowerSgd::compact(const Snapshot& vector, const Memory& memory, std::span<const Snapshot> sums,
                           const Origin& origin) const {
  return with_real(vector.precision(), [&](auto real) {
    using Real = decltype(real);
    return sums.empty() ? multiply<Real>(vector, first_factors(origin.part, memory), origin.part)
                        : multiply_back<Real>(vector, sums.front(), origin.part);
  });
}

Snapshot PowerSgd::expand(std::span<const Snapshot> sums, Part part, std::uint64_t /*step*/,
                          Precision precision) const {
  Buffer vector(precision, part.count);
  with_real(precision, [&](auto real) {
    using Real = decltype(real);
    const float* first = floats_of(sums[0]);
    const float* second = floats_of(sums[1]);
    for (const Place& place : places(part)) {
      Real* const matrix = vector.as<Real>().data() + (place.begin - part.begin);
      if (place.rank == 0) {
        std::copy(second, second + place.size(), matrix);
      } else {
        std::fill(matrix, matrix + place.size(), Real{0});
        const std::vector<Real> p = orthogonalized<Real>(first, place.rows, place.rank);
        for (std::size_t j = 0; j < place.columns; ++j) {
          Real* const column = matrix + j * place.rows;
          for (std::size_t c = 0; c < place.rank; ++c) {
            const Real weight = static_cast<Real>(second[c * place.columns + j]);
            const Real* const other = p.data() + c * place.rows;
            for (std::size_t i = 0; i < place.rows; ++i) {
              column[i] += weight * other[i];
            }
          }
        }
      }
      first += place.first_values();
      second += place.second_values();
    }
  });
  return std::move(vector).freeze();
}

/// A column of Q that came out zero would stay so, and the rank be lost for good: then the one before is kept.
void PowerSgd::remember(std::span<const Snapshot> sums, Part part, Memory& memory) const {
  Buffer factors = Buffer::from(sums[1]);
  std::size_t begin = 0;
  for (const Place& place : places(part)) {
    for (std::size_t c = 0; c < place.rank; ++c) {
      const std::size_t at = begin + c * place.columns;
      float* const column = factors.as<float>().data() + at;
      if (std::all_of(column, column + place.columns, [](float x) { return x == 0; })) {
        const Snapshot before = first_factors(part, memory);
        std::copy_n(floats_of(before) + at, place.columns, column);
      }
    }
    begin += place.second_values();
  }
  memory.assign(1, std::move(factors).freeze());
}

Snapshot PowerSgd::encode(const Snapshot& vector, Memory& memory, const Origin& origin) const {
  std::vector<Snapshot> values{compact(vector, memory, {}, origin)};
  values.push_back(compact(vector, memory, values, origin));
  remember(values, origin.part, memory);
  return join(values);
}

Snapshot PowerSgd::decode(const Snapshot& words, Part part, Precision precision) const {
  const std::size_t first = compact_size(part, 0);
  const Snapshot values[] = {words.slice(0, first), words.slice(first, words.size() - first)};
  return expand(values, part, 0, precision);
}

/// Products with r columns; elements sent whole are moved; orthogonalization: twice, products and sums with the columns
/// before.
double PowerSgd::compact_flops(Part part, std::size_t stage) const {
  double flops = 0;
  for (const Place& place : places(part)) {
    const auto rank = static_cast<double>(place.rank);
    flops += 2 * rank * static_cast<double>(place.size());
    if (stage == 1) {
      flops += place.rank > 0 ? 4 * rank * rank * static_cast<double>(place.rows) : static_cast<double>(place.size());
    }
  }
  return flops;
}

double PowerSgd::encode_flops(Part part) const {
  return compact_flops(part, 0) + compact_flops(part, 1);
}

/// The second product and the orthogonalization again.
double PowerSgd::decode_flops(Part part) const {
  return compact_flops(part, 1);
}

}  // namespace descent
