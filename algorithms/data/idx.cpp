#include "algorithms/core/error.hpp"
#include "algorithms/data/sources.hpp"
#include "algorithms/data/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

namespace descent {
namespace {

/// An IDX file (LeCun, Cortes & Burges 1998): 0, 0, type, number of dimensions, each dimension as 4 bytes big-endian,
/// data.
struct IdxFile {
  std::string path;
  std::string bytes;
  std::vector<std::size_t> dimensions;
  std::size_t data_begin = 0;

  std::size_t item_size() const {
    std::size_t size = 1;
    for (std::size_t i = 1; i < dimensions.size(); ++i) {
      size *= dimensions[i];
    }
    return size;
  }
  unsigned char at(std::size_t index) const { return static_cast<unsigned char>(bytes[data_begin + index]); }
};

constexpr unsigned char kUnsignedByte = 0x08;

std::size_t big_endian(const std::string& bytes, std::size_t at) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

/// `least_dimensions` 1 for labels, 2 and more for images.
IdxFile read_idx(const std::string& path, std::size_t least_dimensions, std::size_t most_dimensions) {
  IdxFile file{path, read_file(path), {}, 0};
  const std::string& bytes = file.bytes;
  if (bytes.size() < 4) {
    throw InputError(fmt::format("{}: byte {}: the file ends inside its magic number", path, bytes.size()));
  }
  const auto type = static_cast<unsigned char>(bytes[2]);
  const auto count = static_cast<std::size_t>(static_cast<unsigned char>(bytes[3]));
  if (bytes[0] != 0 || bytes[1] != 0 || type != kUnsignedByte || count < least_dimensions || count > most_dimensions) {
    throw InputError(fmt::format("{}: byte 0: magic number {:#010x} is not that of {}: 0x0000080{}", path,
                                 big_endian(bytes, 0), most_dimensions == 1 ? "labels" : "images",
                                 most_dimensions == 1 ? "1" : "2 to 0x00000804"));
  }
  file.data_begin = 4 + 4 * count;
  if (bytes.size() < file.data_begin) {
    throw InputError(fmt::format("{}: byte {}: the file ends inside its {} dimensions", path, bytes.size(), count));
  }
  unsigned __int128 expected = 1;
  for (std::size_t i = 0; i < count; ++i) {
    file.dimensions.push_back(big_endian(bytes, 4 + 4 * i));
    expected *= file.dimensions.back();
  }
  const std::size_t present = bytes.size() - file.data_begin;
  if (expected != present) {
    const bool truncated = expected > present;
    throw InputError(fmt::format("{}: byte {}: {}; the dimensions {} ask for {} bytes of data, there are {}", path,
                                 truncated ? bytes.size() : file.data_begin + static_cast<std::size_t>(expected),
                                 truncated ? "the file is truncated" : "there is more after the data",
                                 fmt::join(file.dimensions, "x"), static_cast<double>(expected), present));
  }
  if (file.dimensions[0] == 0 || file.item_size() == 0) {
    throw InputError(fmt::format("{}: has no samples", path));
  }
  return file;
}

struct Pair {
  IdxFile images;
  IdxFile labels;
};

Pair read_pair(const std::string& images, const std::string& labels) {
  Pair pair{read_idx(images, 2, 4), read_idx(labels, 1, 1)};
  if (pair.images.dimensions[0] != pair.labels.dimensions[0]) {
    throw InputError(fmt::format("{}: has {} labels, but {} has {} images", labels, pair.labels.dimensions[0], images,
                                 pair.images.dimensions[0]));
  }
  return pair;
}

std::size_t largest_label(const IdxFile& labels) {
  return *std::max_element(
             labels.bytes.begin() + static_cast<std::ptrdiff_t>(labels.data_begin), labels.bytes.end(),
             [](char a, char b) { return static_cast<unsigned char>(a) < static_cast<unsigned char>(b); }) &
         0xFF;
}

/// The first `limit` samples (all when 0), pixels from 0 to 1.
template <class Real>
Samples<Real> to_samples(const Pair& pair, std::size_t limit) {
  const std::size_t count = limit == 0 ? pair.images.dimensions[0] : std::min(limit, pair.images.dimensions[0]);
  const std::size_t features = pair.images.item_size();
  check_memory<Real>(pair.images.path, features, count);
  std::array<Real, 256> brightness{};
  for (std::size_t i = 0; i < brightness.size(); ++i) {
    brightness[i] = static_cast<Real>(i) / Real(255);
  }
  Samples<Real> samples;
  samples.inputs.resize(static_cast<Eigen::Index>(features), static_cast<Eigen::Index>(count));
  samples.targets.resize(static_cast<Eigen::Index>(count));
  Real* pixel = samples.inputs.data();
  for (std::size_t i = 0; i < features * count; ++i) {
    pixel[i] = brightness[pair.images.at(i)];
  }
  for (std::size_t i = 0; i < count; ++i) {
    samples.targets(static_cast<Eigen::Index>(i)) = static_cast<Real>(pair.labels.at(i));
  }
  return samples;
}

struct Paths {
  std::string train_images;
  std::string train_labels;
  std::string test_images;
  std::string test_labels;
};

template <class Real>
Dataset<Real> load(const Paths& paths, const Settings& settings) {
  const Pair train = read_pair(paths.train_images, paths.train_labels);
  Dataset<Real> data;
  data.classes = largest_label(train.labels) + 1;
  data.train = to_samples<Real>(train, settings.integer("limit"));
  if (!paths.test_images.empty()) {
    const Pair test = read_pair(paths.test_images, paths.test_labels);
    if (test.images.item_size() != train.images.item_size()) {
      throw InputError(fmt::format("{}: images of {} pixels, but the training images have {}", paths.test_images,
                                   test.images.item_size(), train.images.item_size()));
    }
    if (largest_label(test.labels) >= data.classes) {
      throw InputError(fmt::format("{}: label {} does not occur in the training data", paths.test_labels,
                                   largest_label(test.labels)));
    }
    data.test = to_samples<Real>(test, settings.integer("test-limit"));
  }
  return data;
}

}  // namespace

template <class Real>
Dataset<Real> load_idx(const Settings& settings, std::uint64_t /*seed*/) {
  Paths paths{settings.text("train-images"), settings.text("train-labels"), "", ""};
  if (settings.has("test-images") != settings.has("test-labels")) {
    throw InputError("test-images and test-labels go together: one of them is missing");
  }
  if (settings.has("test-images")) {
    paths.test_images = settings.text("test-images");
    paths.test_labels = settings.text("test-labels");
  }
  return load<Real>(paths, settings);
}

template <class Real>
Dataset<Real> load_fashion_mnist(const Settings& settings, std::uint64_t /*seed*/) {
  const std::filesystem::path directory = settings.text("directory");
  const auto path = [&](const char* name) { return (directory / name).string(); };
  const Paths paths{path("train-images-idx3-ubyte.gz"), path("train-labels-idx1-ubyte.gz"),
                    path("t10k-images-idx3-ubyte.gz"), path("t10k-labels-idx1-ubyte.gz")};
  if (!std::filesystem::exists(paths.train_images)) {
    throw InputError(
        fmt::format("{}: there is no Fashion-MNIST here; Debian's package dataset-fashion-mnist installs it in "
                    "/usr/share/datasets/fashion-mnist",
                    directory.string()));
  }
  return load<Real>(paths, settings);
}

template Dataset<float> load_idx(const Settings&, std::uint64_t);
template Dataset<double> load_idx(const Settings&, std::uint64_t);
template Dataset<float> load_fashion_mnist(const Settings&, std::uint64_t);
template Dataset<double> load_fashion_mnist(const Settings&, std::uint64_t);

}  // namespace descent
