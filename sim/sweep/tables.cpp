#include "sim/sweep/tables.hpp"

#include "sim/sweep/database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace descent {
namespace {

constexpr std::array<const char*, 9> kMainResults = {"time_s",        "iterations",    "samples",          "loss",
                                                     "test_loss",     "test_accuracy", "time_to_target_s", "bytes_sent",
                                                     "staleness.mean"};

/// As SQL takes text.
std::string quoted_text(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? "''" : std::string(1, c);
  }
  return quoted + "'";
}

}  // namespace

std::string tables_sql() {
  return R"(
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE sessions(id INTEGER PRIMARY KEY, started TEXT, host TEXT, system TEXT, processors INTEGER, jobs INTEGER,
  threads INTEGER, version TEXT, git_revision TEXT, build TEXT, sweep TEXT, task TEXT);
CREATE TABLE inputs(path TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE points(id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, number INTEGER, seed INTEGER NOT NULL,
  status TEXT NOT NULL, message TEXT, exit_code INTEGER, wall_s REAL, peak_memory_bytes INTEGER, started TEXT,
  session INTEGER REFERENCES sessions, summary TEXT, scenario TEXT);
CREATE TABLE parameters(point INTEGER NOT NULL REFERENCES points, axis TEXT NOT NULL, value TEXT NOT NULL, number REAL,
  PRIMARY KEY(point, axis)) WITHOUT ROWID;
CREATE TABLE metrics(point INTEGER NOT NULL REFERENCES points, name TEXT NOT NULL, value REAL, PRIMARY KEY(point, name))
  WITHOUT ROWID;
CREATE TABLE curves(point INTEGER NOT NULL REFERENCES points, row INTEGER NOT NULL, PRIMARY KEY(point, row)) WITHOUT ROWID;
CREATE TABLE timelines(point INTEGER PRIMARY KEY REFERENCES points, json BLOB NOT NULL);
)";
}

std::string view_sql(const SweepSettings& sweep) {
  std::string columns;
  for (const SweepAxis& axis : sweep.axes) {
    columns += fmt::format(
        ",\n  (SELECT coalesce(a.number, a.value) FROM parameters a WHERE a.point = p.id AND a.axis = {}) AS {}",
        quoted_text(axis.name), quoted_name(axis.name));
  }
  for (const char* result : kMainResults) {
    if (std::none_of(sweep.axes.begin(), sweep.axes.end(),
                     [&](const SweepAxis& axis) { return axis.name == result; })) {
      columns += fmt::format(",\n  (SELECT m.value FROM metrics m WHERE m.point = p.id AND m.name = {}) AS {}",
                             quoted_text(result), quoted_name(result));
    }
  }
  return fmt::format(
      "DROP VIEW IF EXISTS points_wide;\n"
      "CREATE VIEW points_wide AS SELECT p.number AS number, p.key AS key, p.seed AS seed, p.status AS status{}\n"
      "FROM points p WHERE p.number IS NOT NULL ORDER BY p.number;\n",
      columns);
}

}  // namespace descent
