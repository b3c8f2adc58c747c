#include "sim/sweep/point_outcome.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/units.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

namespace descent {
namespace {

constexpr const char* kSummaryFile = "summary.json";

std::string contents_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in || text.empty()) {
    throw RunError(fmt::format("{}: cannot be read", path.string()));
  }
  return text;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

void collect_numbers(const nlohmann::json& object, const std::string& prefix,
                     std::vector<std::pair<std::string, double>>& numbers) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_number()) {
      numbers.emplace_back(prefix + name, value.get<double>());
    } else if (value.is_object() && name != "histogram") {
      collect_numbers(value, prefix + name + ".", numbers);
    }
  }
}

std::string compressed(const std::string& text) {
  uLongf length = compressBound(text.size());
  std::string packed(length, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &length, reinterpret_cast<const Bytef*>(text.data()),
                text.size(), Z_BEST_SPEED) != Z_OK) {
    throw RunError("a timeline cannot be compressed: there is not enough memory");
  }
  packed.resize(length);
  return packed;
}

}  // namespace

const char* name_of(PointOutcome::Status status) {
  switch (status) {
    case PointOutcome::Status::done:
      return "done";
    case PointOutcome::Status::failed:
      return "failed";
    case PointOutcome::Status::killed:
      return "killed";
  }
  return "";
}

bool has_results(const std::filesystem::path& directory) {
  std::error_code ignored;
  return std::filesystem::exists(directory / kSummaryFile, ignored);
}

void read_results(const std::filesystem::path& directory, PointOutcome& outcome) {
  outcome.summary = contents_of(directory / kSummaryFile);
  outcome.scenario = contents_of(directory / "scenario.xml");
  outcome.curve = curve_in(contents_of(directory / "metrics.csv"));
  if (const std::filesystem::path timeline = directory / "timeline.json"; std::filesystem::exists(timeline)) {
    outcome.timeline = compressed(contents_of(timeline));
  }
  try {
    outcome.metrics = numbers_in_summary(outcome.summary);
  } catch (const nlohmann::json::exception& error) {
    throw RunError(fmt::format("{}: {}", (directory / kSummaryFile).string(), error.what()));
  }
}

std::vector<std::pair<std::string, double>> numbers_in_summary(const std::string& summary_json) {
  std::vector<std::pair<std::string, double>> numbers;
  collect_numbers(nlohmann::json::parse(summary_json), "", numbers);
  return numbers;
}

Curve curve_in(const std::string& metrics_csv) {
  Curve curve;
  std::istringstream in(metrics_csv);
  std::string line;
  std::getline(in, line);
  curve.columns = cells_of(line);
  while (std::getline(in, line)) {
    std::vector<std::optional<double>> row;
    for (const std::string& cell : cells_of(line)) {
      row.push_back(parse_real(cell));
    }
    row.resize(curve.columns.size());
    curve.rows.push_back(std::move(row));
  }
  return curve;
}

}  // namespace descent
