#pragma once

#include "sim/sweep/database.hpp"
#include "sim/sweep/expansion.hpp"
#include "sim/sweep/point_outcome.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace descent {

/// Of the tables; another one's file is refused.
inline constexpr int kResultsVersion = 1;

/// Whose results they are, and what computes them.
struct SweepIdentity {
  std::string scenario_name;
  /// Of the scenario that is varied, and of its platform file.
  std::string scenario_digest;
  std::string platform_digest;
  std::string base;
  std::string version;
  std::string git_revision;
  std::string build;
  std::string host;
};

SweepIdentity identity_of(const SweepSettings& sweep, const std::filesystem::path& platform);

/// Of a point, what a table shows.
struct RecordedPoint {
  /// "pending", "done", "failed" or "killed".
  std::string status;
  std::string message = {};
  std::optional<double> wall_s = {};
  std::optional<double> time_s = {};
  std::optional<double> loss = {};
  std::optional<double> test_accuracy = {};
};

/// The one file of a sweep's results, an SQLite database. Tables and views are described in sim/sweep/tables.hpp.
class ResultsFile {
 public:
  /// Opens the file to read it; nothing where it is not there. Throws InputError where it holds something else than
  /// this sweep's results, RunError where it cannot be read.
  static std::optional<ResultsFile> find(const std::filesystem::path& path, const SweepIdentity& identity);
  /// Opens it to write; makes it where it is not there. Throws as `find` does; then nothing is changed.
  static ResultsFile open(const std::filesystem::path& path, const SweepIdentity& identity);

  const std::filesystem::path& path() const { return database_.path(); }

  /// Says which points there are to be: those that are new are pending, those of before that are none any more stay,
  /// without a number. Begins a session, to which what is recorded belongs.
  void plan(const SweepSettings& sweep, const std::vector<SweepPoint>& points, std::size_t jobs, std::size_t threads);

  /// All or none of them, and durably. Throws RunError where they cannot be written, as on a full disk: then the file
  /// is as before.
  void record(std::span<const PointOutcome> outcomes);

  /// Of all points that it has ever had, by key.
  std::map<std::string, RecordedPoint> points() const;

 private:
  ResultsFile(Database database, SweepIdentity identity)
      : database_(std::move(database)), identity_(std::move(identity)) {}
  bool is_new() const;
  void refuse_others() const;
  void create() const;
  void begin_session();
  void add_columns(const Curve& curve);
  void record_one(const PointOutcome& outcome);

  Database database_;
  SweepIdentity identity_;
  /// Of the session, which begins with the first transaction that records anything.
  std::string sweep_text_;
  std::size_t jobs_ = 0;
  std::size_t threads_ = 0;
  std::optional<std::int64_t> session_;
};

}  // namespace descent
