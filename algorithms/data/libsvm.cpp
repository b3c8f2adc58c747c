#include "algorithms/core/error.hpp"
#include "algorithms/data/allocate.hpp"
#include "algorithms/data/input_file.hpp"
#include "algorithms/data/number.hpp"
#include "algorithms/data/sources.hpp"
#include "algorithms/data/tabular.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace descent {
namespace {

template <class Real>
struct Element {
  std::uint32_t feature;  // From 0.
  Real value;
};

/// A file as it is: sparse.
template <class Real>
struct SparseTable {
  std::string file;
  std::vector<double> labels;
  std::vector<std::size_t> lines;
  /// Of all samples in turn; those of sample i end before ends[i].
  std::vector<Element<Real>> elements;
  std::vector<std::size_t> ends;
  /// The highest index; 0 when no element is given.
  std::uint32_t features = 0;
};

constexpr std::string_view kBlanks = " \t\r\v\f";

/// Cuts the next word off `text`; empty at the end.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

/// What is read from one file to the end, and the checks on the way.
template <class Real>
class LibsvmReader {
 public:
  /// `most_features`: the highest index allowed.
  LibsvmReader(const std::string& path, std::optional<std::uint32_t> most_features)
      : file_(path), most_features_(most_features) {
    table_.file = path;
  }

  SparseTable<Real> read() && {
    std::string line;
    while (file_.next_line(line)) {
      std::string_view rest = std::string_view(line).substr(0, line.find('#'));
      const std::string_view label = next_word(rest);
      if (!label.empty()) {
        read_sample(label, rest);
      }
    }
    if (table_.labels.empty()) {
      throw InputError(fmt::format("{}: no samples; allowed: lines 'label index:value ...'", table_.file));
    }
    return std::move(table_);
  }

 private:
  void read_sample(std::string_view label, std::string_view rest) {
    const std::optional<double> target = parse_number<Real>(label);
    if (!target) {
      file_.fail_at_line(fmt::format("label '{}'; allowed: a finite number", label));
    }
    std::uint32_t previous = 0;
    for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
      previous = read_element(word, previous);
    }
    table_.features = std::max(table_.features, previous);
    table_.labels.push_back(*target);
    table_.lines.push_back(file_.line());
    table_.ends.push_back(table_.elements.size());
    check_fits_memory(table_.file, 0, table_.elements.size() / 2, 2 * sizeof(Element<Real>));
  }

  /// Returns the index of the element.
  std::uint32_t read_element(std::string_view word, std::uint32_t previous) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) {
      file_.fail_at_line(fmt::format("'{}'; allowed: index:value", word));
    }
    const std::uint32_t index = read_index(word.substr(0, colon));
    if (index <= previous) {
      file_.fail_at_line(fmt::format("index {} after index {}; allowed: ascending indices", index, previous));
    }
    const std::optional<double> value = parse_number<Real>(word.substr(colon + 1));
    if (!value) {
      file_.fail_at_line(
          fmt::format("value '{}' of index {}; allowed: a finite number", word.substr(colon + 1), index));
    }
    table_.elements.push_back({index - 1, static_cast<Real>(*value)});
    return index;
  }

  std::uint32_t read_index(std::string_view text) {
    std::uint32_t index = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error != std::errc{} || stopped != text.data() + text.size() || index == 0) {
      file_.fail_at_line(fmt::format("index '{}'; allowed: whole numbers from 1", text));
    }
    if (most_features_ && index > *most_features_) {
      file_.fail_at_line(fmt::format("index {}; allowed: 1 to {} (features)", index, *most_features_));
    }
    return index;
  }

  InputFile file_;
  std::optional<std::uint32_t> most_features_;
  SparseTable<Real> table_;
};

template <class Real>
Table<Real> densify(SparseTable<Real> sparse, std::uint32_t features) {
  Table<Real> table{std::move(sparse.file), {}, std::move(sparse.labels), std::move(sparse.lines)};
  table.inputs.setZero(static_cast<Eigen::Index>(features), static_cast<Eigen::Index>(table.size()));
  std::size_t next = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    for (; next < sparse.ends[i]; ++next) {
      table.inputs(sparse.elements[next].feature, static_cast<Eigen::Index>(i)) = sparse.elements[next].value;
    }
  }
  return table;
}

}  // namespace

template <class Real>
Dataset<Real> load_libsvm(const Settings& settings, std::uint64_t seed) {
  std::optional<std::uint32_t> features;
  if (settings.has("features")) {
    features = static_cast<std::uint32_t>(settings.integer("features"));
  }
  SparseTable<Real> train = LibsvmReader<Real>(settings.text("file"), features).read();
  std::optional<SparseTable<Real>> test;
  if (settings.has("test-file")) {
    test = LibsvmReader<Real>(settings.text("test-file"), features).read();
  }
  // A feature may be zero in all of one file.
  const std::uint32_t rows = features.value_or(std::max(train.features, test ? test->features : 0));
  if (rows == 0) {
    throw InputError(fmt::format("{}: no sample has a feature; allowed: lines 'label index:value ...'", train.file));
  }
  check_fits_memory(train.file, rows, train.labels.size() + (test ? test->labels.size() : 0), sizeof(Real));
  std::optional<Table<Real>> dense_test;
  if (test) {
    dense_test = densify(*std::move(test), rows);
  }
  return dataset_of(densify(std::move(train), rows), std::move(dense_test), settings, seed);
}

template Dataset<float> load_libsvm(const Settings&, std::uint64_t);
template Dataset<double> load_libsvm(const Settings&, std::uint64_t);

}  // namespace descent
