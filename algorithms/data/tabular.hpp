#pragma once

#include "algorithms/core/settings.hpp"
#include "algorithms/data/dataset.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// What a text file with one sample per line says.
template <class Real>
struct Table {
  std::string file;
  /// features × samples.
  Matrix<Real> inputs;
  /// The target of each sample as it is written, and the line that it stands on.
  std::vector<double> labels;
  std::vector<std::size_t> lines;

  std::size_t size() const { return labels.size(); }
};

/// The parameters behind dataset_of.
std::vector<Parameter> table_parameters();

/// Makes a data set of one or two files by the settings that `csv` and `libsvm` have in common:
/// - `task`: "classification" maps the labels, which are whole numbers, in ascending order to 0 … classes − 1 and
///   applies the same map to the test file; "regression" leaves them.
/// - `test-fraction`: without a test file, this share of the samples becomes the test samples, chosen by the seed.
///   Both halves stay in the order of the file.
/// - `standardize`: subtracts each feature's training mean and divides by its training standard deviation (of the
///   population); features that are constant in training stay as they are.
/// Both tables have the same number of features. Throws InputError: for no samples, labels that are no whole numbers,
/// a single class, a test label that training has not, a test-fraction beside a test file or that leaves no sample
/// for training.
template <class Real>
Dataset<Real> dataset_of(Table<Real> train, std::optional<Table<Real>> test, const Settings& settings,
                         std::uint64_t seed);

}  // namespace descent
