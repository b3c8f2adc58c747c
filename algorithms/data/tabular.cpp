#include "algorithms/data/tabular.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/random.hpp"
#include "algorithms/data/shuffle.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

namespace descent {
namespace {

/// Owner of the stream of Purpose::partition that separates the test samples; partitions own the low numbers.
constexpr std::uint64_t kTestSplit = ~std::uint64_t{0};

/// Replaces the labels by their places in `classes`.
template <class Real>
void apply_classes(Table<Real>& table, const std::vector<double>& classes, const std::string& train_file) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto place = std::lower_bound(classes.begin(), classes.end(), table.labels[i]);
    if (place == classes.end() || *place != table.labels[i]) {
      throw InputError(fmt::format("{}:{}: label {} does not occur in the training data; allowed: those of {}",
                                   table.file, table.lines[i], table.labels[i], train_file));
    }
    table.labels[i] = static_cast<double>(place - classes.begin());
  }
}

/// The labels that occur, ascending.
template <class Real>
std::vector<double> find_classes(const Table<Real>& table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.labels[i] != std::floor(table.labels[i])) {
      throw InputError(fmt::format("{}:{}: label {} is no whole number; allowed: whole numbers, or task=\"regression\"",
                                   table.file, table.lines[i], table.labels[i]));
    }
  }
  std::vector<double> classes = table.labels;
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  if (classes.size() < 2) {
    throw InputError(fmt::format("{}: all labels are {}; allowed: two classes or more, or task=\"regression\"",
                                 table.file, classes.front()));
  }
  return classes;
}

/// The samples of `table` at `places`.
template <class Real>
Samples<Real> gather(const Table<Real>& table, std::span<const std::uint32_t> places) {
  const auto count = static_cast<Eigen::Index>(places.size());
  Samples<Real> samples{Matrix<Real>(table.inputs.rows(), count), Vector<Real>(count)};
  for (Eigen::Index i = 0; i < count; ++i) {
    const std::uint32_t place = places[static_cast<std::size_t>(i)];
    samples.inputs.col(i) = table.inputs.col(place);
    samples.targets[i] = static_cast<Real>(table.labels[place]);
  }
  return samples;
}

/// All samples; takes over the inputs without a copy.
template <class Real>
Samples<Real> take(Table<Real>&& table) {
  Samples<Real> samples{std::move(table.inputs), {}};
  samples.targets = Eigen::Map<const Vector<double>>(table.labels.data(), static_cast<Eigen::Index>(table.size()))
                        .template cast<Real>();
  return samples;
}

template <class Real>
void split(const Table<Real>& table, double test_fraction, std::uint64_t seed, Dataset<Real>& dataset) {
  const auto wanted = static_cast<std::size_t>(std::llround(test_fraction * static_cast<double>(table.size())));
  const std::size_t test_size = std::max<std::size_t>(wanted, 1);
  if (test_size >= table.size()) {
    throw InputError(fmt::format("{}: test-fraction {} of {} samples leaves none for training; allowed: a smaller one",
                                 table.file, test_fraction, table.size()));
  }
  std::vector<std::uint32_t> order(table.size());
  std::iota(order.begin(), order.end(), 0U);
  RandomStream random(seed, Purpose::partition, kTestSplit);
  shuffle(order, random);
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(test_size);
  std::sort(order.begin(), middle);
  std::sort(middle, order.end());
  dataset.test = gather(table, std::span(order).first(test_size));
  dataset.train = gather(table, std::span(order).subspan(test_size));
}

/// Mean and standard deviation of a feature, added up in the order of the samples: the same on every processor.
template <class Row>
std::pair<double, double> moments_of(const Row& row) {
  const auto count = static_cast<double>(row.size());
  double sum = 0;
  for (Eigen::Index i = 0; i < row.size(); ++i) {
    sum += static_cast<double>(row[i]);
  }
  const double mean = sum / count;
  double squares = 0;
  for (Eigen::Index i = 0; i < row.size(); ++i) {
    squares += (static_cast<double>(row[i]) - mean) * (static_cast<double>(row[i]) - mean);
  }
  return {mean, std::sqrt(squares / count)};
}

template <class Real>
void standardize(Dataset<Real>& dataset) {
  for (Eigen::Index j = 0; j < dataset.train.inputs.rows(); ++j) {
    const auto train = dataset.train.inputs.row(j);
    // Not by the deviation, which rounding of the mean can leave above 0.
    if ((train.array() == train[0]).all()) {
      continue;
    }
    const auto [mean, deviation] = moments_of(train);
    for (Samples<Real>* samples : {&dataset.train, &dataset.test}) {
      auto row = samples->inputs.row(j);
      for (Eigen::Index i = 0; i < row.size(); ++i) {
        row[i] = static_cast<Real>((static_cast<double>(row[i]) - mean) / deviation);
      }
    }
  }
}

}  // namespace

template <class Real>
Dataset<Real> dataset_of(Table<Real> train, std::optional<Table<Real>> test, const Settings& settings,
                         std::uint64_t seed) {
  const double test_fraction = settings.has("test-fraction") ? settings.real("test-fraction") : 0;
  if (test && test_fraction > 0) {
    throw InputError(fmt::format("test-file {} and test-fraction {} are both given; allowed: one of them", test->file,
                                 test_fraction));
  }
  Dataset<Real> dataset;
  if (settings.text("task") == "classification") {
    const std::vector<double> classes = find_classes(train);
    dataset.classes = classes.size();
    apply_classes(train, classes, train.file);
    if (test) {
      apply_classes(*test, classes, train.file);
    }
  }
  dataset.test.inputs.resize(train.inputs.rows(), 0);
  if (test) {
    dataset.test = take(std::move(*test));
  }
  if (test_fraction > 0) {
    split(train, test_fraction, seed, dataset);
  } else {
    dataset.train = take(std::move(train));
  }
  if (settings.flag("standardize")) {
    standardize(dataset);
  }
  return dataset;
}

std::vector<Parameter> table_parameters() {
  return {
      {.name = "file", .type = ParameterType::path, .fallback = std::nullopt, .meaning = "training data, gzip or not"},
      {.name = "test-file", .type = ParameterType::path, .fallback = "", .meaning = "test data, gzip or not"},
      {.name = "task",
       .type = ParameterType::choice,
       .fallback = "classification",
       .meaning = "what the targets are",
       .choices = {"classification", "regression"}},
      {.name = "test-fraction",
       .type = ParameterType::real,
       .fallback = "",
       .meaning = "without a test file: part of the samples, at random, that becomes the test data",
       .least = 0,
       .most = 0.99},
      {.name = "standardize",
       .type = ParameterType::boolean,
       .fallback = "false",
       .meaning = "shift and scale every feature to training mean 0 and variance 1"}};
}

template Dataset<float> dataset_of(Table<float>, std::optional<Table<float>>, const Settings&, std::uint64_t);
template Dataset<double> dataset_of(Table<double>, std::optional<Table<double>>, const Settings&, std::uint64_t);

}  // namespace descent
