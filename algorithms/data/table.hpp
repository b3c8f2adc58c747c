#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/data/dataset.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// Throws InputError when a dense matrix of this size would not fit into half of the machine's memory.
template <class Real>
void check_memory(std::string_view what, std::size_t features, std::size_t samples);

/// A whole file, decompressed if it is gzip. Throws InputError when it cannot be read or is a broken gzip file.
std::string read_file(const std::string& path);

/// Rows of numbers as read from a text file, before it is known what the targets mean.
struct RawTable {
  std::string file;
  /// samples × features, row by row.
  std::vector<std::vector<double>> inputs;
  std::vector<double> targets;
  /// The line that each row came from.
  std::vector<std::size_t> lines;
};

/// What the tables of `csv` and `libsvm` have in common: `task`, `test-fraction`, `standardize`. Labels of
/// classification become 0, 1, … in the order of their values; a label that only the test file has is an error.
/// Precondition: all rows have the same length, and the training table has rows.
template <class Real>
Dataset<Real> to_dataset(RawTable train, RawTable test, const Settings& settings, std::uint64_t seed);

/// The parameters of these.
std::vector<Parameter> table_parameters();

}  // namespace descent
