// Of a results file, how it takes over what another one of the same sweep has.
#include "algorithms/core/error.hpp"
#include "sim/sweep/results_file.hpp"

#include <algorithm>
#include <utility>

namespace descent {
namespace {

/// So many in one transaction, in which nobody else writes.
constexpr std::size_t kAtOnce = 200;

PointOutcome::Status status_of(const std::string& name) {
  using Status = PointOutcome::Status;
  for (const Status status : {Status::done, Status::failed}) {
    if (name == name_of(status)) {
      return status;
    }
  }
  return Status::killed;
}

Curve recorded_curve(const Database& database, std::int64_t point) {
  Curve curve;
  std::string names;
  for (Statement columns(database, "SELECT name FROM pragma_table_info('curves') WHERE name NOT IN ('point', 'row')");
       columns.step();) {
    curve.columns.push_back(columns.text(0));
    names += ", " + quoted_name(columns.text(0));
  }
  Statement rows(database, "SELECT row" + names + " FROM curves WHERE point = ? ORDER BY row");
  for (rows.bind(1, point); rows.step();) {
    std::vector<std::optional<double>>& row = curve.rows.emplace_back();
    for (std::size_t column = 0; column < curve.columns.size(); ++column) {
      row.push_back(rows.real(static_cast<int>(column) + 1));
    }
  }
  return curve;
}

/// As it was recorded, with its session there.
std::pair<PointOutcome, std::int64_t> recorded_outcome(const Database& database, const std::string& key) {
  Statement select(database,
                   "SELECT id, session, status, message, exit_code, wall_s, peak_memory_bytes, started, summary, "
                   "scenario FROM points WHERE key = ?");
  if (!select.bind(1, key).step()) {
    throw RunError(database.path().string() + ": has no point " + key + " any more");
  }
  PointOutcome outcome{.key = key, .status = status_of(select.text(2)), .message = select.text(3)};
  if (const std::optional<double> code = select.real(4)) {
    outcome.exit_code = static_cast<int>(*code);
  }
  outcome.wall_s = select.real(5).value_or(0);
  outcome.peak_bytes = static_cast<std::uint64_t>(select.integer(6));
  outcome.started = select.text(7);
  outcome.summary = select.text(8);
  outcome.scenario = select.text(9);
  const std::int64_t id = select.integer(0);
  for (Statement metrics(database, "SELECT name, value FROM metrics WHERE point = " + std::to_string(id));
       metrics.step();) {
    if (const std::optional<double> value = metrics.real(1)) {
      outcome.metrics.emplace_back(metrics.text(0), *value);
    }
  }
  outcome.curve = recorded_curve(database, id);
  Statement timeline(database, "SELECT json FROM timelines WHERE point = " + std::to_string(id));
  if (timeline.step()) {
    outcome.timeline = timeline.bytes(0);
  }
  return {std::move(outcome), select.integer(1)};
}

/// In `database`, the session that is equal to this one.
std::int64_t same_session(const Database& database, const Session& session) {
  for (const auto& [id, known] : sessions_in(database)) {
    if (known == session) {
      return id;
    }
  }
  return insert_session(database, session);
}

}  // namespace

/// Where the point is not known, because the file has been made anew since, it is from now on.
void ResultsFile::adopt_point(const ResultsFile& other, const std::string& key) const {
  Statement known(database_, "SELECT 1 FROM points WHERE key = ?");
  if (known.bind(1, key).step()) {
    return;
  }
  Statement point(other.database_, "SELECT seed FROM points WHERE key = ?");
  point.bind(1, key).step();
  const std::int64_t id = add_point(key, static_cast<std::uint64_t>(point.integer(0)), std::nullopt);
  Statement insert(database_, "INSERT INTO parameters VALUES (?, ?, ?, ?)");
  Statement parameters(other.database_,
                       "SELECT axis, value, r.number FROM parameters r JOIN points p ON r.point = p.id WHERE key = ?");
  for (parameters.bind(1, key); parameters.step();) {
    insert.bind(1, id).bind(2, parameters.text(0)).bind(3, parameters.text(1)).bind(4, parameters.real(2)).run();
  }
}

/// Keys of what the other file knows better.
std::vector<std::string> ResultsFile::news_in(const ResultsFile& other) const {
  const char* const all = "SELECT key, status, coalesce(started, '') FROM points WHERE status != 'pending'";
  std::map<std::string, std::pair<std::string, std::string>> own;
  for (Statement select(database_, all); select.step();) {
    own[select.text(0)] = {select.text(1), select.text(2)};
  }
  std::vector<std::string> news;
  for (Statement select(other.database_, all); select.step();) {
    const auto known = own.find(select.text(0));
    if (known == own.end() ||
        (known->second.first != "done" && (select.text(1) == "done" || select.text(2) > known->second.second))) {
      news.push_back(select.text(0));
    }
  }
  return news;
}

void ResultsFile::merge(const ResultsFile& other) {
  const std::vector<std::string> news = news_in(other);
  const std::map<std::int64_t, Session> sessions = sessions_in(other.database_);
  for (std::size_t begin = 0; begin < news.size(); begin += kAtOnce) {
    Transaction transaction(database_);
    std::map<std::int64_t, std::int64_t> session_here;
    for (std::size_t i = begin; i < std::min(begin + kAtOnce, news.size()); ++i) {
      const auto [outcome, session] = recorded_outcome(other.database_, news[i]);
      if (!session_here.contains(session)) {
        session_here[session] = same_session(database_, sessions.at(session));
      }
      adopt_point(other, news[i]);
      record_one(outcome, session_here[session]);
    }
    transaction.commit();
  }
}

}  // namespace descent
