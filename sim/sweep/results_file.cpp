#include "sim/sweep/results_file.hpp"

#include "algorithms/core/error.hpp"
#include "sim/record/provenance.hpp"
#include "sim/sweep/tables.hpp"
#include "sim/sweep/time_text.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <xxhash.h>

#include <fstream>
#include <iterator>
#include <thread>

namespace descent {
namespace {

/// "Desc": marks the file as ours among SQLite's.
constexpr int kApplication = 0x44657363;
constexpr const char* kAllowed = "; allowed: another --out, or this file moved away. Nothing was changed";

std::string digest_of(const std::string& text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string operating_system() {
  utsname names{};
  return uname(&names) == 0 ? fmt::format("{} {} {}", names.sysname, names.release, names.machine) : "unknown";
}

std::int64_t pragma(const Database& database, const std::string& name) {
  Statement statement(database, "PRAGMA " + name);
  return statement.step() ? statement.integer(0) : 0;
}

std::string meta(const Database& database, const std::string& name) {
  Statement statement(database, "SELECT value FROM meta WHERE name = ?");
  statement.bind(1, name);
  return statement.step() ? statement.text(0) : "";
}

}  // namespace

SweepIdentity identity_of(const SweepSettings& sweep, const std::filesystem::path& platform) {
  const Provenance program = provenance();
  std::ifstream in(platform, std::ios::binary);
  const std::string platform_text{std::istreambuf_iterator<char>(in), {}};
  return {sweep.scenario_name, digest_of(sweep.base), digest_of(platform_text),
          sweep.base,          program.version,       program.git_revision,
          program.build,       program.host};
}

bool ResultsFile::is_new() const {
  try {
    Statement statement(database_, "SELECT count(*) FROM sqlite_master");
    return statement.step() && statement.integer(0) == 0 && pragma(database_, "application_id") == 0;
  } catch (const RunError& error) {
    throw InputError(fmt::format("{}{}", error.what(), kAllowed));
  }
}

void ResultsFile::refuse_others() const {
  const std::string file = path().string();
  if (pragma(database_, "application_id") != kApplication) {
    throw InputError(fmt::format("{}: is no results file of `descent sweep`{}", file, kAllowed));
  }
  if (const std::int64_t version = pragma(database_, "user_version"); version != kResultsVersion) {
    throw InputError(fmt::format("{}: has version {} of the results' tables, and this program writes version {}{}",
                                 file, version, kResultsVersion, kAllowed));
  }
  if (meta(database_, "scenario_digest") != identity_.scenario_digest) {
    throw InputError(fmt::format(
        "{}: has results of another scenario{}: without <sweep>, seed and comments, with --set, it was not as it is "
        "now{}",
        file, meta(database_, "scenario") == identity_.scenario_name ? "" : ", '" + meta(database_, "scenario") + "'",
        kAllowed));
  }
  if (meta(database_, "platform_digest") != identity_.platform_digest) {
    throw InputError(fmt::format("{}: has results on another platform: its file has changed since{}", file, kAllowed));
  }
}

std::optional<ResultsFile> ResultsFile::find(const std::filesystem::path& path, const SweepIdentity& identity) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return std::nullopt;
  }
  ResultsFile file(Database(path, Database::Access::existing), identity);
  if (file.is_new()) {
    return std::nullopt;
  }
  file.refuse_others();
  return file;
}

ResultsFile ResultsFile::open(const std::filesystem::path& path, const SweepIdentity& identity) {
  ResultsFile file(Database(path, Database::Access::create), identity);
  if (file.is_new()) {
    file.create();
  } else {
    file.refuse_others();
  }
  return file;
}

void ResultsFile::create() const {
  Transaction transaction(database_);
  database_.execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kApplication, kResultsVersion));
  database_.execute(tables_sql());
  Statement insert(database_, "INSERT INTO meta VALUES (?, ?)");
  for (const auto& [name, value] :
       {std::pair("scenario", identity_.scenario_name), std::pair("scenario_digest", identity_.scenario_digest),
        std::pair("platform_digest", identity_.platform_digest), std::pair("base_scenario", identity_.base),
        std::pair("version", identity_.version), std::pair("git_revision", identity_.git_revision),
        std::pair("build", identity_.build), std::pair("host", identity_.host), std::pair("created", time_text())}) {
    insert.bind(1, std::string_view(name)).bind(2, value).run();
  }
  transaction.commit();
}

void ResultsFile::begin_session() {
  Statement(database_, "INSERT INTO sessions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(1, time_text())
      .bind(2, identity_.host)
      .bind(3, operating_system())
      .bind(4, static_cast<std::int64_t>(std::thread::hardware_concurrency()))
      .bind(5, static_cast<std::int64_t>(jobs_))
      .bind(6, static_cast<std::int64_t>(threads_))
      .bind(7, identity_.version)
      .bind(8, identity_.git_revision)
      .bind(9, identity_.build)
      .bind(10, sweep_text_)
      .run();
  session_ = database_.last_row();
}

void ResultsFile::plan(const SweepSettings& sweep, const std::vector<SweepPoint>& points, std::size_t jobs,
                       std::size_t threads) {
  Transaction transaction(database_);
  sweep_text_ = sweep.text;
  jobs_ = jobs;
  threads_ = threads;
  session_.reset();
  database_.execute("UPDATE points SET number = NULL");
  database_.execute(view_sql(sweep));
  Statement number(database_, "UPDATE points SET number = ? WHERE key = ? RETURNING id");
  Statement insert(database_, "INSERT INTO points(key, number, seed, status) VALUES (?, ?, ?, 'pending')");
  Statement parameter(database_, "INSERT INTO parameters VALUES (?, ?, ?, ?)");
  for (const SweepPoint& point : points) {
    bool known = false;
    number.bind(1, static_cast<std::int64_t>(point.number)).bind(2, point.key);
    while (number.step()) {
      known = true;
    }
    if (known) {
      continue;
    }
    insert.bind(1, point.key)
        .bind(2, static_cast<std::int64_t>(point.number))
        .bind(3, static_cast<std::int64_t>(point.seed))
        .run();
    const std::int64_t id = database_.last_row();
    for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
      parameter.bind(1, id)
          .bind(2, sweep.axes[i].name)
          .bind(3, point.values[i])
          .bind(4, number_in(point.values[i]))
          .run();
    }
  }
  transaction.commit();
}

void ResultsFile::add_columns(const Curve& curve) {
  for (const std::string& name : curve.columns) {
    Statement known(database_, "SELECT 1 FROM pragma_table_info('curves') WHERE name = ?");
    if (!known.bind(1, name).step()) {
      database_.execute(fmt::format("ALTER TABLE curves ADD COLUMN {} REAL", quoted_name(name)));
    }
  }
}

void ResultsFile::record_one(const PointOutcome& outcome) {
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
  update.bind(5, static_cast<std::int64_t>(outcome.peak_bytes)).bind(7, *session_).bind(10, id);
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
  if (outcome.curve.rows.empty()) {
    return;
  }
  add_columns(outcome.curve);
  std::string names;
  std::string places;
  for (const std::string& column : outcome.curve.columns) {
    names += ", " + quoted_name(column);
    places += ", ?";
  }
  Statement insert(database_, fmt::format("INSERT INTO curves(point, row{}) VALUES (?, ?{})", names, places));
  for (std::size_t row = 0; row < outcome.curve.rows.size(); ++row) {
    insert.bind(1, id).bind(2, static_cast<std::int64_t>(row));
    for (std::size_t column = 0; column < outcome.curve.columns.size(); ++column) {
      insert.bind(static_cast<int>(column) + 3, outcome.curve.rows[row][column]);
    }
    insert.run();
  }
}

void ResultsFile::record(std::span<const PointOutcome> outcomes) {
  if (outcomes.empty()) {
    return;
  }
  const std::optional<std::int64_t> session = session_;
  try {
    Transaction transaction(database_);
    if (!session_) {
      begin_session();
    }
    for (const PointOutcome& outcome : outcomes) {
      record_one(outcome);
    }
    transaction.commit();
  } catch (const RunError&) {
    session_ = session;  // it was undone, too
    throw;
  }
}

std::map<std::string, RecordedPoint> ResultsFile::points() const {
  std::map<std::string, RecordedPoint> points;
  const auto metric = [](const std::string& name) {
    return "(SELECT value FROM metrics WHERE point = id AND name = '" + name + "')";
  };
  Statement select(database_, "SELECT key, status, message, wall_s, " + metric("time_s") + ", " + metric("loss") +
                                  ", " + metric("test_accuracy") + " FROM points");
  while (select.step()) {
    points[select.text(0)] = {select.text(1), select.text(2), select.real(3),
                              select.real(4), select.real(5), select.real(6)};
  }
  return points;
}

}  // namespace descent
