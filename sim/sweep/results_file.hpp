#pragma once

#include "sim/sweep/database.hpp"
#include "sim/sweep/expansion.hpp"
#include "sim/sweep/point_outcome.hpp"
#include "sim/sweep/session.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace descent {

/// Of the tables; another one's file is refused.
inline constexpr int kResultsVersion = 3;

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
  /// Digests of the files that runs read besides the scenario, of those that are there, by their paths from where it
  /// is.
  std::map<std::string, std::string> inputs = {};
};

SweepIdentity identity_of(const SweepSettings& sweep, const std::filesystem::path& platform,
                          const std::set<std::filesystem::path>& inputs);

/// Of a point, what a table shows.
struct RecordedPoint {
  /// "pending", "done", "failed" or "killed".
  std::string status;
  std::string message = {};
  std::optional<double> wall_s = {};
  std::optional<double> time_s = {};
  std::optional<double> loss = {};
  std::optional<double> test_accuracy = {};
  /// Of Slurm, that has run it: JOB_TASK.
  std::string task = {};
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
  void plan(const SweepSettings& sweep, const std::vector<SweepPoint>& points, const SessionSettings& session);

  /// All or none of them, and durably. Throws RunError where they cannot be written, as on a full disk: then the file
  /// is as before.
  void record(std::span<const PointOutcome> outcomes);

  /// Records what another file of the same sweep has that this one has not: points that are done, and newer failures of
  /// those that are not; with their sessions. Some at a time, each of these all or none. The same again changes
  /// nothing. Throws RunError.
  void merge(const ResultsFile& other);

  /// Throws RunError where the file is damaged.
  void check_soundness() const;

  /// Of all points that it has ever had, by key.
  std::map<std::string, RecordedPoint> points() const;

 private:
  ResultsFile(Database database, SweepIdentity identity)
      : database_(std::move(database)), identity_(std::move(identity)) {}
  bool is_new() const;
  void refuse_others() const;
  void create() const;
  void add_inputs() const;
  /// Its id.
  std::int64_t add_point(const std::string& key, std::uint64_t seed, std::optional<std::size_t> number) const;
  void adopt_point(const ResultsFile& other, const std::string& key) const;
  std::vector<std::string> news_in(const ResultsFile& other) const;
  void add_columns(const Curve& curve) const;
  void record_one(const PointOutcome& outcome, std::int64_t session) const;
  void record_curve(const Curve& curve, std::int64_t point) const;

  Database database_;
  SweepIdentity identity_;
  /// What is recorded belongs to it; it is in the file from the first transaction on that records anything.
  Session session_;
  std::optional<std::int64_t> session_id_;
};

}  // namespace descent
