// Of a results file, how it takes down what has become of points.
#include "algorithms/core/error.hpp"
#include "sim/sweep/results_file.hpp"

#include <fmt/format.h>

#include <utility>

namespace descent {

void ResultsFile::add_columns(const Curve& curve) const {
  for (const std::string& name : curve.columns) {
    Statement known(database_, "SELECT 1 FROM pragma_table_info('curves') WHERE name = ?");
    if (!known.bind(1, name).step()) {
      database_.execute(fmt::format("ALTER TABLE curves ADD COLUMN {} REAL", quoted_name(name)));
    }
  }
}

void ResultsFile::record_one(const PointOutcome& outcome, std::int64_t session) const {
  Statement find(database_, "SELECT id FROM points WHERE key = ? AND status != 'done'");
  if (!find.bind(1, outcome.key).step()) {
    return;  // it is there already
  }
  const std::int64_t id = find.integer(0);
  Statement update(
      database_,
      "UPDATE points SET status = ?, message = ?, exit_code = ?, wall_s = ?, peak_memory_bytes = ?, started = ?, "
      "session = ?, summary = ?, scenario = ? WHERE id = ?");
  update.bind(1, std::string_view(name_of(outcome.status))).bind(4, std::optional(outcome.wall_s));
  update.bind(5, static_cast<std::int64_t>(outcome.peak_bytes)).bind(7, session).bind(10, id);
  for (const auto& [place, text] : {std::pair(2, &outcome.message), std::pair(6, &outcome.started),
                                    std::pair(8, &outcome.summary), std::pair(9, &outcome.scenario)}) {
    if (!text->empty()) {
      update.bind(place, *text);
    }
  }
  if (outcome.exit_code) {
    update.bind(3, static_cast<std::int64_t>(*outcome.exit_code));
  }
  update.run();
  Statement metric(database_, "INSERT INTO metrics VALUES (?, ?, ?)");
  for (const auto& [name, value] : outcome.metrics) {
    metric.bind(1, id).bind(2, name).bind(3, std::optional(value)).run();
  }
  if (!outcome.curve.rows.empty()) {
    record_curve(outcome.curve, id);
  }
  if (!outcome.timeline.empty()) {
    Statement(database_, "INSERT INTO timelines VALUES (?, ?)").bind(1, id).bind_bytes(2, outcome.timeline).run();
  }
}

void ResultsFile::record_curve(const Curve& curve, std::int64_t point) const {
  add_columns(curve);
  std::string names;
  std::string places;
  for (const std::string& column : curve.columns) {
    names += ", " + quoted_name(column);
    places += ", ?";
  }
  Statement insert(database_, fmt::format("INSERT INTO curves(point, row{}) VALUES (?, ?{})", names, places));
  for (std::size_t row = 0; row < curve.rows.size(); ++row) {
    insert.bind(1, point).bind(2, static_cast<std::int64_t>(row));
    for (std::size_t column = 0; column < curve.columns.size(); ++column) {
      insert.bind(static_cast<int>(column) + 3, curve.rows[row][column]);
    }
    insert.run();
  }
}

void ResultsFile::record(std::span<const PointOutcome> outcomes) {
  if (outcomes.empty()) {
    return;
  }
  const std::optional<std::int64_t> session = session_id_;
  try {
    Transaction transaction(database_);
    if (!session_id_) {
      session_id_ = insert_session(database_, session_);
    }
    for (const PointOutcome& outcome : outcomes) {
      record_one(outcome, *session_id_);
    }
    transaction.commit();
  } catch (const RunError&) {
    session_id_ = session;  // it was undone, too
    throw;
  }
}

}  // namespace descent
