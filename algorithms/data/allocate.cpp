#include "algorithms/data/allocate.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/memory.hpp"
#include "algorithms/core/units.hpp"

#include <fmt/format.h>
#include <limits>

namespace descent {
namespace {

/// The rest is for parameters, batches and everybody else.
constexpr double kShareOfMemory = 0.5;

}  // namespace

void check_fits_memory(std::string_view what, std::uint64_t features, std::uint64_t samples,
                       std::size_t bytes_per_element) {
  if (samples > std::numeric_limits<std::uint32_t>::max()) {
    throw InputError(fmt::format("{}: {} samples; allowed: less than 2^32", what, samples));
  }
  // In floating point, where a product of any counts is finite.
  const double bytes =
      (static_cast<double>(features) + 1) * static_cast<double>(samples) * static_cast<double>(bytes_per_element);
  const double most = kShareOfMemory * memory_limit();
  if (bytes > most) {
    throw InputError(fmt::format("{}: {} samples of {} features take {}; allowed: {}, half of this machine's memory",
                                 what, samples, features, format_bytes(bytes), format_bytes(most)));
  }
}

template <class Real>
Dataset<Real> allocate_dataset(std::string_view what, std::uint64_t features, std::uint64_t train_samples,
                               std::uint64_t test_samples) {
  check_fits_memory(what, features, train_samples, sizeof(Real));
  check_fits_memory(what, features, test_samples, sizeof(Real));
  check_fits_memory(what, features, train_samples + test_samples, sizeof(Real));
  const auto allocate = [rows = static_cast<Eigen::Index>(features)](std::uint64_t samples) {
    const auto columns = static_cast<Eigen::Index>(samples);
    return Samples<Real>{Matrix<Real>(rows, columns), Vector<Real>(columns)};
  };
  Dataset<Real> dataset;
  dataset.train = allocate(train_samples);
  dataset.test = allocate(test_samples);
  return dataset;
}

template Dataset<float> allocate_dataset(std::string_view, std::uint64_t, std::uint64_t, std::uint64_t);
template Dataset<double> allocate_dataset(std::string_view, std::uint64_t, std::uint64_t, std::uint64_t);

}  // namespace descent
