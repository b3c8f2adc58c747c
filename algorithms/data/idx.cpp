#include "algorithms/core/error.hpp"
#include "algorithms/data/allocate.hpp"
#include "algorithms/data/idx_file.hpp"
#include "algorithms/data/sources.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace descent {
namespace {

/// One half of a data set on disk: images and their labels, opened and with their headers checked.
struct Half {
  IdxFile images;
  std::vector<std::uint8_t> labels;
  /// Samples that are used: the first so many.
  std::size_t used;
};

Half open_half(const std::string& images, const std::string& labels, std::size_t limit, std::string_view hint) {
  Half half{open_idx_images(images, hint), read_idx_labels(labels, hint), 0};
  if (half.images.items != half.labels.size()) {
    throw InputError(
        fmt::format("{}: {} labels for the {} images of {}", labels, half.labels.size(), half.images.items, images));
  }
  half.used = limit == 0 ? half.labels.size() : std::min(limit, half.labels.size());
  return half;
}

/// Labels are the items of a file, one byte each, after a header of 8 bytes.
void check_labels(const std::string& path, const std::vector<std::uint8_t>& labels, std::size_t classes) {
  constexpr std::size_t kHeader = 8;
  const auto beyond = std::find_if(labels.begin(), labels.end(), [&](std::uint8_t label) { return label >= classes; });
  if (beyond != labels.end()) {
    throw InputError(fmt::format("{}: byte {}: label {}; allowed: 0 to {}, the classes of the training data", path,
                                 kHeader + static_cast<std::size_t>(beyond - labels.begin()), *beyond, classes - 1));
  }
}

template <class Real>
void read_half(Half& half, Samples<Real>& samples) {
  std::array<Real, 256> value_of;
  for (std::size_t pixel = 0; pixel < value_of.size(); ++pixel) {
    value_of[pixel] = static_cast<Real>(static_cast<double>(pixel) / 255);
  }
  std::vector<std::uint8_t> pixels(half.images.item_bytes);
  for (std::size_t i = 0; i < half.used; ++i) {
    const auto column = static_cast<Eigen::Index>(i);
    half.images.read_item(i, pixels);
    std::transform(pixels.begin(), pixels.end(), samples.inputs.col(column).data(),
                   [&](std::uint8_t pixel) { return value_of[pixel]; });
    samples.targets[column] = static_cast<Real>(half.labels[i]);
  }
  if (half.used == half.images.items) {
    half.images.expect_end();
  }
}

struct IdxPaths {
  std::string train_images;
  std::string train_labels;
  /// Both empty: no test samples.
  std::string test_images;
  std::string test_labels;
};

struct IdxOptions {
  /// Use the first so many samples; 0: all.
  std::size_t limit = 0;
  std::size_t test_limit = 0;
  /// As many as the training labels have, when absent.
  std::optional<std::size_t> classes;
  /// Appended to the message when a file cannot be opened.
  std::string_view hint;
};

template <class Real>
Dataset<Real> load(const IdxPaths& paths, const IdxOptions& options) {
  Half train = open_half(paths.train_images, paths.train_labels, options.limit, options.hint);
  if (train.labels.empty()) {
    throw InputError(fmt::format("{}: no images; allowed: 1 or more", paths.train_images));
  }
  const std::size_t classes =
      options.classes.value_or(*std::max_element(train.labels.begin(), train.labels.end()) + std::size_t{1});
  check_labels(paths.train_labels, train.labels, classes);
  std::optional<Half> test;
  if (!paths.test_images.empty()) {
    test = open_half(paths.test_images, paths.test_labels, options.test_limit, options.hint);
    check_labels(paths.test_labels, test->labels, classes);
    if (test->images.item_bytes != train.images.item_bytes) {
      throw InputError(fmt::format("{}: images of {} pixels; allowed: {}, as in {}", paths.test_images,
                                   test->images.item_bytes, train.images.item_bytes, paths.train_images));
    }
  }
  auto dataset = allocate_dataset<Real>(paths.train_images, train.images.item_bytes, train.used, test ? test->used : 0);
  dataset.classes = classes;
  read_half(train, dataset.train);
  if (test) {
    read_half(*test, dataset.test);
  }
  return dataset;
}

IdxPaths fashion_mnist_paths(const Settings& settings) {
  const std::string directory = settings.text("directory") + "/";
  return {directory + "train-images-idx3-ubyte.gz", directory + "train-labels-idx1-ubyte.gz",
          directory + "t10k-images-idx3-ubyte.gz", directory + "t10k-labels-idx1-ubyte.gz"};
}

}  // namespace

template <class Real>
Dataset<Real> load_idx(const Settings& settings, std::uint64_t /*seed*/) {
  const auto path = [&](std::string_view name) { return settings.has(name) ? settings.text(name) : std::string(); };
  const IdxPaths paths{path("train-images"), path("train-labels"), path("test-images"), path("test-labels")};
  if (paths.test_images.empty() != paths.test_labels.empty()) {
    throw InputError("source 'idx': only one of test-images and test-labels is given; allowed: both or neither");
  }
  IdxOptions options;
  options.limit = settings.integer("limit");
  options.test_limit = settings.integer("test-limit");
  return load<Real>(paths, options);
}

template <class Real>
Dataset<Real> load_fashion_mnist(const Settings& settings, std::uint64_t /*seed*/) {
  IdxOptions options;
  options.limit = settings.integer("limit");
  options.test_limit = settings.integer("test-limit");
  options.classes = 10;
  options.hint = "; Debian's package dataset-fashion-mnist provides it";
  return load<Real>(fashion_mnist_paths(settings), options);
}

std::vector<std::string> fashion_mnist_files(const Settings& settings) {
  const IdxPaths paths = fashion_mnist_paths(settings);
  return {paths.train_images, paths.train_labels, paths.test_images, paths.test_labels};
}

template Dataset<float> load_idx(const Settings&, std::uint64_t);
template Dataset<double> load_idx(const Settings&, std::uint64_t);
template Dataset<float> load_fashion_mnist(const Settings&, std::uint64_t);
template Dataset<double> load_fashion_mnist(const Settings&, std::uint64_t);

}  // namespace descent
