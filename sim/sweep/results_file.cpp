#include "sim/sweep/results_file.hpp"

#include "algorithms/core/error.hpp"
#include "sim/record/provenance.hpp"
#include "sim/sweep/digest.hpp"
#include "sim/sweep/tables.hpp"
#include "sim/sweep/time_text.hpp"

#include <fmt/format.h>

namespace descent {
namespace {

/// "Desc": marks the file as ours among SQLite's.
constexpr int kApplication = 0x44657363;
constexpr const char* kAllowed = "; allowed: another --out, or this file moved away. Nothing was changed";

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

SweepIdentity identity_of(const SweepSettings& sweep, const std::filesystem::path& platform,
                          const std::set<std::filesystem::path>& inputs) {
  namespace fs = std::filesystem;
  const Provenance program = provenance();
  SweepIdentity identity{sweep.scenario_name, digest_of(sweep.base), digest_of_file(platform).value_or(""),
                         sweep.base,          program.version,       program.git_revision,
                         program.build,       program.host};
  const fs::path home = fs::weakly_canonical(fs::absolute(sweep.file)).parent_path();
  for (const fs::path& input : inputs) {
    if (std::optional<std::string> digest = digest_of_file(input)) {
      const fs::path from_home = fs::weakly_canonical(fs::absolute(input)).lexically_proximate(home);
      identity.inputs.emplace(from_home.string(), *std::move(digest));
    }
  }
  return identity;
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
  Statement known(database_, "SELECT digest FROM inputs WHERE path = ?");
  for (const auto& [input, digest] : identity_.inputs) {
    for (known.bind(1, input); known.step();) {
      if (known.text(0) != digest) {
        throw InputError(
            fmt::format("{}: has results with another '{}': that file has changed since{}", file, input, kAllowed));
      }
    }
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

void ResultsFile::add_inputs() const {
  Statement insert(database_, "INSERT OR IGNORE INTO inputs VALUES (?, ?)");
  for (const auto& [input, digest] : identity_.inputs) {
    insert.bind(1, input).bind(2, digest).run();
  }
}

std::int64_t ResultsFile::add_point(const std::string& key, std::uint64_t seed,
                                    std::optional<std::size_t> number) const {
  Statement insert(database_, "INSERT INTO points(key, seed, number, status) VALUES (?, ?, ?, 'pending')");
  insert.bind(1, key).bind(2, static_cast<std::int64_t>(seed)).bind_null(3);
  if (number) {
    insert.bind(3, static_cast<std::int64_t>(*number));
  }
  insert.run();
  return database_.last_row();
}

void ResultsFile::plan(const SweepSettings& sweep, const std::vector<SweepPoint>& points,
                       const SessionSettings& session) {
  Transaction transaction(database_);
  session_ = this_session(session, sweep.text);
  session_id_.reset();
  add_inputs();
  database_.execute("UPDATE points SET number = NULL");
  database_.execute(view_sql(sweep));
  Statement number(database_, "UPDATE points SET number = ? WHERE key = ? RETURNING id");
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
    const std::int64_t id = add_point(point.key, point.seed, point.number);
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

void ResultsFile::check_soundness() const {
  Statement check(database_, "PRAGMA quick_check(1)");
  if (check.step() && check.text(0) != "ok") {
    throw RunError(fmt::format("{}: is damaged: {}", path().string(), check.text(0)));
  }
}

std::map<std::string, RecordedPoint> ResultsFile::points() const {
  std::map<std::string, RecordedPoint> points;
  const auto metric = [](const std::string& name) {
    return "(SELECT value FROM metrics WHERE point = id AND name = '" + name + "')";
  };
  Statement select(database_, "SELECT key, status, message, wall_s, " + metric("time_s") + ", " + metric("loss") +
                                  ", " + metric("test_accuracy") +
                                  ", (SELECT task FROM sessions WHERE sessions.id = session) FROM points");
  while (select.step()) {
    points[select.text(0)] = {select.text(1), select.text(2), select.real(3), select.real(4),
                              select.real(5), select.real(6), select.text(7)};
  }
  return points;
}

}  // namespace descent
