#include "algorithms/core/error.hpp"
#include "algorithms/core/units.hpp"
#include "algorithms/data/sources.hpp"
#include "algorithms/data/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace descent {
namespace {

struct CsvFile {
  std::string path;
  /// Names of the columns; empty without a header.
  std::vector<std::string> header;
  std::vector<std::vector<double>> rows;
  std::vector<std::size_t> lines;
};

std::vector<std::string_view> fields_of(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(line.find(separator, begin), line.size());
    std::string_view field = line.substr(begin, end - begin);
    while (!field.empty() && (field.front() == ' ' || field.front() == '\t')) {
      field.remove_prefix(1);
    }
    while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) {
      field.remove_suffix(1);
    }
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
      field = field.substr(1, field.size() - 2);
    }
    fields.push_back(field);
    if (end == line.size()) {
      return fields;
    }
    begin = end + 1;
  }
}

void add_row(CsvFile& file, const std::vector<std::string_view>& fields, std::size_t line) {
  const std::size_t width = !file.header.empty() ? file.header.size()
                            : file.rows.empty()  ? 0
                                                 : file.rows.front().size();
  if (width != 0 && fields.size() != width) {
    throw InputError(
        fmt::format("{}:{}: {} fields; {} are needed, as in the first line", file.path, line, fields.size(), width));
  }
  std::vector<double> row;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto value = parse_real(fields[i]);
    if (!value) {
      throw InputError(fmt::format("{}:{}: field {}: '{}' is not a finite number", file.path, line, i + 1, fields[i]));
    }
    row.push_back(*value);
  }
  file.rows.push_back(std::move(row));
  file.lines.push_back(line);
}

bool all_numbers(const std::vector<std::string_view>& fields) {
  return std::all_of(fields.begin(), fields.end(),
                     [](std::string_view field) { return parse_real(field).has_value(); });
}

CsvFile parse(const std::string& path, char separator, const std::string& header) {
  const std::string text = read_file(path);
  CsvFile file;
  file.path = path;
  std::size_t line = 0;
  bool first = true;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view content = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    ++line;
    if (content.ends_with('\r')) {
      content.remove_suffix(1);
    }
    if (content.find_first_not_of(" \t") == std::string_view::npos) {
      continue;
    }
    const auto fields = fields_of(content, separator);
    if (std::exchange(first, false) && (header == "yes" || (header == "auto" && !all_numbers(fields)))) {
      file.header.assign(fields.begin(), fields.end());
    } else {
      add_row(file, fields, line);
    }
  }
  if (file.rows.empty()) {
    throw InputError(fmt::format("{}: has no samples", path));
  }
  if (file.rows.front().size() < 2) {
    throw InputError(fmt::format("{}: has one column; a target and at least one feature are needed", path));
  }
  return file;
}

/// `target`: "last", a name of the header, or a column counted from 1.
std::size_t target_column(const CsvFile& file, const std::string& target) {
  const std::size_t width = file.rows.front().size();
  if (target == "last") {
    return width - 1;
  }
  const auto named = std::find(file.header.begin(), file.header.end(), target);
  if (named != file.header.end()) {
    return static_cast<std::size_t>(named - file.header.begin());
  }
  const auto number = parse_integer(target);
  if (!number || *number < 1 || *number > width) {
    throw InputError(fmt::format("{}: there is no column '{}'; allowed: last, 1 to {}{}{}", file.path, target, width,
                                 file.header.empty() ? "" : ", ", fmt::join(file.header, ", ")));
  }
  return *number - 1;
}

RawTable to_table(CsvFile file, std::size_t target) {
  RawTable table;
  table.file = file.path;
  table.lines = std::move(file.lines);
  for (std::vector<double>& row : file.rows) {
    table.targets.push_back(row[target]);
    row.erase(row.begin() + static_cast<std::ptrdiff_t>(target));
    table.inputs.push_back(std::move(row));
  }
  return table;
}

}  // namespace

template <class Real>
Dataset<Real> load_csv(const Settings& settings, std::uint64_t seed) {
  const std::string& name = settings.text("separator");
  const char separator = name == "tab" ? '\t' : name == "semicolon" ? ';' : ',';
  CsvFile train = parse(settings.text("file"), separator, settings.text("header"));
  const std::size_t target = target_column(train, settings.text("target"));
  RawTable test;
  if (settings.has("test-file")) {
    CsvFile file = parse(settings.text("test-file"), separator, settings.text("header"));
    if (file.rows.front().size() != train.rows.front().size()) {
      throw InputError(fmt::format("{}: has {} columns; {} has {}", file.path, file.rows.front().size(), train.path,
                                   train.rows.front().size()));
    }
    test = to_table(std::move(file), target);
  }
  return to_dataset<Real>(to_table(std::move(train), target), std::move(test), settings, seed);
}

template Dataset<float> load_csv(const Settings&, std::uint64_t);
template Dataset<double> load_csv(const Settings&, std::uint64_t);

}  // namespace descent
