#include "sim/sweep/listing.hpp"

#include "algorithms/core/units.hpp"
#include "sim/validate/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace descent {
namespace {

constexpr std::size_t kMostRows = 40;
constexpr std::size_t kMostMessages = 10;

RecordedPoint recorded_of(const SweepPoint& point, const std::map<std::string, RecordedPoint>& recorded) {
  const auto found = recorded.find(point.key);
  return found == recorded.end() ? RecordedPoint{.status = "pending"} : found->second;
}

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{:.6g}", *value) : "";
}

/// Those shown: all, or of many the first and the last.
std::vector<std::size_t> rows_of(std::size_t count) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < count; ++i) {
    if (count <= kMostRows || i < kMostRows / 2 || i + kMostRows / 2 >= count) {
      rows.push_back(i);
    }
  }
  return rows;
}

/// A line for each message: how many points say it, and the first of them.
std::string messages_of(const std::vector<SweepPoint>& points, const std::map<std::string, RecordedPoint>& recorded) {
  std::map<std::string, std::vector<std::size_t>> by_message;
  for (const SweepPoint& point : points) {
    if (const RecordedPoint told = recorded_of(point, recorded); !told.message.empty()) {
      by_message[told.status + ": " + told.message].push_back(point.number);
    }
  }
  std::vector<std::pair<std::size_t, std::string>> lines;
  for (const auto& [message, numbers] : by_message) {
    const std::string others = numbers.size() > 1 ? fmt::format(" and {} others", numbers.size() - 1) : "";
    lines.emplace_back(numbers.front(), fmt::format("  point {}{} {}\n", numbers.front(), others, message));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), kMostMessages); ++i) {
    text += lines[i].second;
  }
  return lines.size() > kMostMessages
             ? text + fmt::format("  and {} other messages, in the file\n", lines.size() - kMostMessages)
             : text;
}

nlohmann::ordered_json or_null(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

SweepTally tally(const std::vector<SweepPoint>& points, const std::map<std::string, RecordedPoint>& recorded) {
  SweepTally counts;
  for (const SweepPoint& point : points) {
    const RecordedPoint told = recorded_of(point, recorded);
    if (told.status == "done") {
      ++counts.done;
      counts.wall_s += told.wall_s.value_or(0);
    } else {
      ++(told.status == "failed" ? counts.failed : counts.left);
    }
  }
  return counts;
}

std::string point_table(const SweepSettings& sweep, const std::vector<SweepPoint>& points,
                        const std::map<std::string, RecordedPoint>& recorded) {
  Cells cells(1, {"point"});
  for (const SweepAxis& axis : sweep.axes) {
    cells[0].push_back(axis.name);
  }
  cells[0].insert(cells[0].end(), {"seed", "status", "time_s", "loss", "accuracy", "computed in"});
  std::size_t before = 0;
  for (const std::size_t i : rows_of(points.size())) {
    if (i > before + 1) {
      cells.emplace_back(cells[0].size(), "…");
    }
    before = i;
    const RecordedPoint told = recorded_of(points[i], recorded);
    std::vector<std::string> row{std::to_string(points[i].number)};
    row.insert(row.end(), points[i].values.begin(), points[i].values.end());
    row.insert(row.end(), {std::to_string(points[i].seed), told.status, number(told.time_s), number(told.loss),
                           number(told.test_accuracy), told.wall_s ? format_seconds(*told.wall_s) : ""});
    cells.push_back(std::move(row));
  }
  return aligned(cells) + messages_of(points, recorded);
}

nlohmann::ordered_json points_json(const SweepSettings& sweep, const std::vector<SweepPoint>& points,
                                   const std::map<std::string, RecordedPoint>& recorded) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const SweepPoint& point : points) {
    const RecordedPoint told = recorded_of(point, recorded);
    nlohmann::ordered_json parameters = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
      parameters[sweep.axes[i].name] = point.values[i];
    }
    list.push_back(
        {{"number", point.number},
         {"key", point.key},
         {"parameters", parameters},
         {"seed", point.seed},
         {"status", told.status},
         {"message", told.message.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(told.message)},
         {"wall_s", or_null(told.wall_s)},
         {"time_s", or_null(told.time_s)},
         {"loss", or_null(told.loss)},
         {"test_accuracy", or_null(told.test_accuracy)}});
  }
  return list;
}

}  // namespace descent
