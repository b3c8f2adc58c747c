#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/data/dataset.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

struct SourceRow {
  Entry entry;
  Dataset<float> (*load_float)(const Settings& settings, std::uint64_t seed);
  Dataset<double> (*load_double)(const Settings& settings, std::uint64_t seed);
  /// Of a source that is told a directory: the files that it reads there.
  std::vector<std::string> (*files)(const Settings& settings) = nullptr;
};
std::span<const SourceRow> source_rows();
/// Precondition: the name is in the table.
const SourceRow& find_source(std::string_view name);
/// All files that the source reads. Preconditions: the name is in the table, the settings are checked.
std::vector<std::string> files_of(std::string_view name, const Settings& settings);

/// Throws InputError naming the file and what in it is wrong. Precondition: the settings are checked.
template <class Real>
Dataset<Real> load_data(std::string_view name, const Settings& settings, std::uint64_t seed) {
  if constexpr (precision_of<Real> == Precision::single_precision) {
    return find_source(name).load_float(settings, seed);
  } else {
    return find_source(name).load_double(settings, seed);
  }
}

// The loaders, one file each.
template <class Real>
Dataset<Real> load_synthetic_regression(const Settings& settings, std::uint64_t seed);
template <class Real>
Dataset<Real> load_synthetic_classification(const Settings& settings, std::uint64_t seed);
template <class Real>
Dataset<Real> load_idx(const Settings& settings, std::uint64_t seed);
template <class Real>
Dataset<Real> load_fashion_mnist(const Settings& settings, std::uint64_t seed);
std::vector<std::string> fashion_mnist_files(const Settings& settings);
template <class Real>
Dataset<Real> load_libsvm(const Settings& settings, std::uint64_t seed);
template <class Real>
Dataset<Real> load_csv(const Settings& settings, std::uint64_t seed);

}  // namespace descent
