#include "sim/disturbance/trace.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/data/csv_line.hpp"
#include "algorithms/data/input_file.hpp"
#include "algorithms/data/number.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <string>
#include <utility>

namespace descent {
namespace {

bool is_header(const std::vector<std::string>& fields) {
  return std::none_of(fields.begin(), fields.end(),
                      [](const std::string& field) { return parse_number<double>(field).has_value(); });
}

void append(const std::vector<std::string>& fields, const InputFile& file, Trace& trace) {
  if (trace.columns.empty()) {
    trace.columns.resize(fields.size());
  }
  if (fields.size() != trace.columns.size()) {
    file.fail_at_line(fmt::format("{} values; the first row has {}", fields.size(), trace.columns.size()));
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto value = parse_number<double>(fields[i]);
    if (!value || *value <= 0) {
      file.fail_at_line(fmt::format("'{}' is no step time; allowed: numbers > 0, separated by commas", fields[i]));
    }
    trace.columns[i].push_back(*value);
  }
}

}  // namespace

Trace read_trace(const std::filesystem::path& path) {
  InputFile file(path.string());
  Trace trace;
  std::string line;
  for (bool first = true; file.next_line(line);) {
    if (line.find_first_not_of(" \t") == std::string::npos) {
      continue;
    }
    const auto fields = split_csv_line(line, ',');
    if (!fields) {
      file.fail_at_line("a quote is not closed, or something other than a comma follows it");
    }
    if (!std::exchange(first, false) || !is_header(*fields)) {
      append(*fields, file, trace);
    }
  }
  if (trace.columns.empty()) {
    throw InputError(fmt::format("{}: no step times; allowed: a line of numbers > 0 for each step", file.path()));
  }
  return trace;
}

}  // namespace descent
