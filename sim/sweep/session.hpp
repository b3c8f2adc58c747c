#pragma once

#include "sim/sweep/database.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace descent {

/// How points are run.
struct SessionSettings {
  /// Runs at a time, and threads of each.
  std::size_t jobs = 1;
  std::size_t threads = 1;
  /// JOB_TASK of Slurm's; "": none.
  std::string task = {};
};

/// One call of `descent sweep` that ran points: with what, where and how. A row of `sessions`.
struct Session {
  std::string started;
  std::string host;
  std::string system;
  std::int64_t processors = 0;
  std::int64_t jobs = 0;
  std::int64_t threads = 0;
  std::string version;
  std::string git_revision;
  std::string build;
  /// The <sweep>, as it was then.
  std::string sweep;
  std::string task;

  bool operator==(const Session&) const = default;
};

/// Of this process, from now on.
Session this_session(const SessionSettings& settings, const std::string& sweep);

/// Its id.
std::int64_t insert_session(const Database& database, const Session& session);

/// By id.
std::map<std::int64_t, Session> sessions_in(const Database& database);

}  // namespace descent
