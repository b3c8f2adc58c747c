#include "algorithms/core/error.hpp"
#include "algorithms/core/units.hpp"
#include "algorithms/data/sources.hpp"
#include "algorithms/data/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace descent {
namespace {

struct Row {
  double target = 0;
  std::vector<std::pair<std::size_t, double>> elements;
  std::size_t line = 0;
};

/// One line: `label index:value …` with ascending indices from 1.
Row parse_line(const std::string& path, std::size_t line, std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  Row row;
  row.line = line;
  std::size_t position = 0;
  const auto next_token = [&] {
    position = std::min(text.find_first_not_of(kBlank, position), text.size());
    const std::size_t end = std::min(text.find_first_of(kBlank, position), text.size());
    const std::string_view token = text.substr(position, end - position);
    position = end;
    return token;
  };
  const std::string_view label = next_token();
  const auto target = parse_real(label.starts_with('+') ? label.substr(1) : label);
  if (!target) {
    throw InputError(fmt::format("{}:{}: '{}' is not a number; a label is needed first", path, line, label));
  }
  row.target = *target;
  for (std::string_view token = next_token(); !token.empty(); token = next_token()) {
    const std::size_t colon = token.find(':');
    const auto index = parse_integer(token.substr(0, colon));
    const auto value = colon == std::string_view::npos ? std::nullopt : parse_real(token.substr(colon + 1));
    if (!index || !value) {
      throw InputError(fmt::format("{}:{}: '{}' is not INDEX:VALUE", path, line, token));
    }
    const std::size_t before = row.elements.empty() ? 0 : row.elements.back().first;
    if (*index <= before) {
      throw InputError(
          fmt::format("{}:{}: index {} comes after {}; indices start at 1 and ascend", path, line, *index, before));
    }
    row.elements.emplace_back(*index, *value);
  }
  return row;
}

std::vector<Row> parse(const std::string& path) {
  const std::string text = read_file(path);
  std::vector<Row> rows;
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view content = std::string_view(text).substr(begin, end - begin);
    content = content.substr(0, content.find('#'));
    begin = end + 1;
    ++line;
    if (content.find_first_not_of(" \t\r") != std::string_view::npos) {
      rows.push_back(parse_line(path, line, content));
    }
  }
  if (rows.empty()) {
    throw InputError(fmt::format("{}: has no samples", path));
  }
  return rows;
}

std::size_t features_of(const std::vector<Row>& rows) {
  std::size_t features = 0;
  for (const Row& row : rows) {
    features = std::max(features, row.elements.empty() ? 0 : row.elements.back().first);
  }
  return features;
}

RawTable densify(const std::string& path, const std::vector<Row>& rows, std::size_t features) {
  check_memory<double>(path, features, rows.size());
  RawTable table;
  table.file = path;
  for (const Row& row : rows) {
    std::vector<double>& dense = table.inputs.emplace_back(features, 0.0);
    for (const auto& [index, value] : row.elements) {
      if (index > features) {
        throw InputError(
            fmt::format("{}:{}: index {} is above the number of features, {}", path, row.line, index, features));
      }
      dense[index - 1] = value;
    }
    table.targets.push_back(row.target);
    table.lines.push_back(row.line);
  }
  return table;
}

}  // namespace

template <class Real>
Dataset<Real> load_libsvm(const Settings& settings, std::uint64_t seed) {
  const std::vector<Row> train = parse(settings.text("file"));
  const std::vector<Row> test = settings.has("test-file") ? parse(settings.text("test-file")) : std::vector<Row>();
  const std::size_t features =
      settings.has("features") ? settings.integer("features") : std::max(features_of(train), features_of(test));
  if (features == 0) {
    throw InputError(fmt::format("{}: no sample has a feature", settings.text("file")));
  }
  return to_dataset<Real>(densify(settings.text("file"), train, features),
                          test.empty() ? RawTable() : densify(settings.text("test-file"), test, features), settings,
                          seed);
}

template Dataset<float> load_libsvm(const Settings&, std::uint64_t);
template Dataset<double> load_libsvm(const Settings&, std::uint64_t);

}  // namespace descent
