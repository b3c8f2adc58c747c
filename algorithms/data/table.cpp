#include "algorithms/data/table.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/random.hpp"
#include "algorithms/core/units.hpp"
#include "algorithms/data/shuffle.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <numeric>

namespace descent {
namespace {

/// Moves a random part of the rows to the test table.
void split_off(RawTable& train, RawTable& test, double fraction, std::uint64_t seed) {
  const std::size_t count = train.inputs.size();
  const auto tests = static_cast<std::size_t>(std::floor(fraction * static_cast<double>(count)));
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  RandomStream random(seed, Purpose::partition, ~std::uint64_t{0});
  shuffle(order, random);
  std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(tests));
  std::sort(order.begin() + static_cast<std::ptrdiff_t>(tests), order.end());
  RawTable rest;
  rest.file = test.file = train.file;
  for (std::size_t i = 0; i < count; ++i) {
    RawTable& to = i < tests ? test : rest;
    to.inputs.push_back(std::move(train.inputs[order[i]]));
    to.targets.push_back(train.targets[order[i]]);
    to.lines.push_back(train.lines[order[i]]);
  }
  train = std::move(rest);
}

void number_classes(RawTable& table, const std::map<double, std::size_t>& classes) {
  for (std::size_t i = 0; i < table.targets.size(); ++i) {
    const auto found = classes.find(table.targets[i]);
    if (found == classes.end()) {
      throw InputError(fmt::format("{}:{}: label {:g} does not occur in the training data", table.file, table.lines[i],
                                   table.targets[i]));
    }
    table.targets[i] = static_cast<double>(found->second);
  }
}

template <class Real>
Samples<Real> to_samples(const RawTable& table, std::size_t features) {
  check_memory<Real>(table.file, features, table.inputs.size());
  Samples<Real> samples;
  samples.inputs.resize(static_cast<Eigen::Index>(features), static_cast<Eigen::Index>(table.inputs.size()));
  samples.targets.resize(static_cast<Eigen::Index>(table.inputs.size()));
  for (std::size_t i = 0; i < table.inputs.size(); ++i) {
    const auto column = static_cast<Eigen::Index>(i);
    for (std::size_t f = 0; f < features; ++f) {
      samples.inputs(static_cast<Eigen::Index>(f), column) = static_cast<Real>(table.inputs[i][f]);
    }
    samples.targets(column) = static_cast<Real>(table.targets[i]);
  }
  return samples;
}

/// Training mean 0 and variance 1 for every feature, test data by the same shift and scale. Constant features only
/// lose their mean.
template <class Real>
void standardize(Dataset<Real>& data) {
  for (Eigen::Index f = 0; f < data.train.inputs.rows(); ++f) {
    const Vector<double> row = data.train.inputs.row(f).transpose().template cast<double>();
    const double mean = row.mean();
    const double deviation = std::sqrt((row.array() - mean).square().mean());
    const double scale = deviation > 0 ? 1 / deviation : 1;
    for (Samples<Real>* samples : {&data.train, &data.test}) {
      if (samples->size() > 0) {
        samples->inputs.row(f) =
            ((samples->inputs.row(f).template cast<double>().array() - mean) * scale).template cast<Real>();
      }
    }
  }
}

}  // namespace

template <class Real>
void check_memory(std::string_view what, std::size_t features, std::size_t samples) {
  const double needed = static_cast<double>(features) * static_cast<double>(samples) * sizeof(Real);
  const double memory = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  if (needed > memory / 2) {
    throw InputError(fmt::format("{}: {} samples of {} features need {} as a dense matrix; this machine has {}", what,
                                 samples, features, format_bytes(needed), format_bytes(memory)));
  }
}

std::string read_file(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    throw InputError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  }
  if (!S_ISREG(status.st_mode)) {
    throw InputError(fmt::format("{}: is not a file", path));
  }
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) {
    throw InputError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  }
  std::string text;
  std::vector<char> block(1U << 20U);
  int count = 0;
  while ((count = gzread(file.get(), block.data(), static_cast<unsigned>(block.size()))) > 0) {
    text.append(block.data(), static_cast<std::size_t>(count));
  }
  int error = 0;
  const char* reason = gzerror(file.get(), &error);
  if (count < 0 || (error != Z_OK && error != Z_STREAM_END)) {
    throw InputError(fmt::format("{}: byte {} of the unpacked data: {}", path, text.size(), reason));
  }
  return text;
}

template <class Real>
Dataset<Real> to_dataset(RawTable train, RawTable test, const Settings& settings, std::uint64_t seed) {
  const std::size_t features = train.inputs.front().size();
  if (test.inputs.empty() && settings.has("test-fraction")) {
    split_off(train, test, settings.real("test-fraction"), seed);
  }
  if (train.inputs.empty()) {
    throw InputError(fmt::format("{}: no training samples are left", train.file));
  }
  Dataset<Real> data;
  if (settings.text("task") == "classification") {
    std::map<double, std::size_t> classes;
    for (const double label : train.targets) {
      classes.emplace(label, 0);
    }
    std::size_t next = 0;
    for (auto& [label, index] : classes) {
      index = next++;
    }
    number_classes(train, classes);
    number_classes(test, classes);
    data.classes = classes.size();
  }
  data.train = to_samples<Real>(train, features);
  data.test = to_samples<Real>(test, features);
  if (settings.flag("standardize")) {
    standardize(data);
  }
  return data;
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

template void check_memory<float>(std::string_view, std::size_t, std::size_t);
template void check_memory<double>(std::string_view, std::size_t, std::size_t);
template Dataset<float> to_dataset(RawTable, RawTable, const Settings&, std::uint64_t);
template Dataset<double> to_dataset(RawTable, RawTable, const Settings&, std::uint64_t);

}  // namespace descent
