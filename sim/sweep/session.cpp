#include "sim/sweep/session.hpp"

#include "sim/record/provenance.hpp"
#include "sim/sweep/time_text.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <thread>

namespace descent {
namespace {

std::string operating_system() {
  utsname names{};
  return uname(&names) == 0 ? fmt::format("{} {} {}", names.sysname, names.release, names.machine) : "unknown";
}

}  // namespace

Session this_session(const SessionSettings& settings, const std::string& sweep) {
  const Provenance program = provenance();
  return {time_text(),
          program.host,
          operating_system(),
          static_cast<std::int64_t>(std::thread::hardware_concurrency()),
          static_cast<std::int64_t>(settings.jobs),
          static_cast<std::int64_t>(settings.threads),
          program.version,
          program.git_revision,
          program.build,
          sweep,
          settings.task};
}

std::int64_t insert_session(const Database& database, const Session& session) {
  Statement(database, "INSERT INTO sessions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(1, session.started)
      .bind(2, session.host)
      .bind(3, session.system)
      .bind(4, session.processors)
      .bind(5, session.jobs)
      .bind(6, session.threads)
      .bind(7, session.version)
      .bind(8, session.git_revision)
      .bind(9, session.build)
      .bind(10, session.sweep)
      .bind(11, session.task)
      .run();
  return database.last_row();
}

std::map<std::int64_t, Session> sessions_in(const Database& database) {
  std::map<std::int64_t, Session> sessions;
  Statement select(database,
                   "SELECT id, started, host, system, processors, jobs, threads, version, git_revision, build, sweep, "
                   "task FROM sessions");
  while (select.step()) {
    sessions[select.integer(0)] = {select.text(1),    select.text(2),    select.text(3), select.integer(4),
                                   select.integer(5), select.integer(6), select.text(7), select.text(8),
                                   select.text(9),    select.text(10),   select.text(11)};
  }
  return sessions;
}

}  // namespace descent
