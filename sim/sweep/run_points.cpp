#include "sim/sweep/run_points.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/units.hpp"
#include "sim/sweep/time_text.hpp"
#include "sim/validate/child_run.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

namespace descent {
namespace {

namespace fs = std::filesystem;
using Clock = ForkPool::Clock;

/// Between two transactions, where there is something to record.
constexpr std::chrono::milliseconds kRecordEvery(500);
constexpr std::chrono::milliseconds kShowEvery(500);
constexpr const char* kLog = "log.txt";

std::string first_message_in(const fs::path& log) {
  std::ifstream in(log);
  return first_message({std::istreambuf_iterator<char>(in), {}});
}

/// Why a child that did not end well did not.
std::string failure_of(const ChildEnd& end, const ChildLimits& limits, const fs::path& directory) {
  if (end.cause == ChildEnd::Cause::time_limit) {
    return fmt::format("had not ended after {}, the time limit", format_seconds(limits.seconds.value_or(0)));
  }
  if (end.cause == ChildEnd::Cause::memory_limit) {
    return fmt::format("took more than {} of memory, the limit",
                       format_bytes(static_cast<double>(limits.bytes.value_or(0))));
  }
  const std::string message = first_message_in(directory / kLog);
  if (WIFSIGNALED(end.status)) {
    const int signal = WTERMSIG(end.status);
    const std::string told = message.empty() ? "" : ": " + message;
    return signal == SIGKILL ? "killed from outside, or by the system for want of memory" + told
                             : fmt::format("ended by signal {} ({}){}", signal, strsignal(signal), told);
  }
  return message.empty() ? fmt::format("exit code {}", WEXITSTATUS(end.status)) : message;
}

bool is_from_outside(const ChildEnd& end) {
  if (end.cause != ChildEnd::Cause::own || !WIFSIGNALED(end.status)) {
    return false;
  }
  const int signal = WTERMSIG(end.status);
  return signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
}

/// The loop of a sweep.
class PointsRunner {
 public:
  PointsRunner(const std::vector<const SweepPoint*>& points, const PointProgram& program,
               const RunPointsOptions& options, const Scratch& scratch, ResultsFile& results, SweepProgress progress)
      : points_(points),
        program_(program),
        options_(options),
        scratch_(scratch),
        results_(results),
        progress_(progress),
        pool_(options.limits) {}

  int run() {
    while (next_ < points_.size() || pool_.running() > 0) {
      start_more();
      if (Clock::now() >= record_at()) {
        record();
      }
      const ForkPool::Woken woken = pool_.wait(std::min(record_at(), shown_ + kShowEvery));
      if (woken.end) {
        take(*woken.end);
      }
      show();
      if (woken.signal != 0) {
        record();
        return woken.signal;
      }
    }
    record();
    return 0;
  }

 private:
  void start_more() {
    for (; next_ < points_.size() && pool_.running() < options_.jobs; ++next_) {
      const SweepPoint& point = *points_[next_];
      const fs::path directory = scratch_.make(point.key);
      started_[next_] = time_text();
      pool_.start(
          next_, [&] { return program_(point, directory); }, directory / kLog);
    }
  }

  void take(const ChildEnd& end) {
    const SweepPoint& point = *points_[end.id];
    const fs::path directory = scratch_.of_point(point.key);
    if (WIFEXITED(end.status) && WEXITSTATUS(end.status) == kCannotWrite) {
      record();
      throw RunError("results cannot be written: " + first_message_in(directory / kLog));
    }
    PointOutcome outcome = outcome_of(point, end, options_.limits, directory);
    const auto started = started_.extract(end.id);
    outcome.started = started.mapped();
    ++(outcome.status == PointOutcome::Status::done ? progress_.done : progress_.failed);
    ++progress_.run;
    unrecorded_.push_back(std::move(outcome));
  }

  /// When what there is to record is due: at once, unless it was a moment ago.
  Clock::time_point record_at() const {
    return unrecorded_.empty() ? Clock::time_point::max() : recorded_ + kRecordEvery;
  }

  void record() {
    results_.record(unrecorded_);
    for (const PointOutcome& outcome : unrecorded_) {
      scratch_.remove(outcome.key);
    }
    unrecorded_.clear();
    recorded_ = Clock::now();
  }

  void show() {
    shown_ = Clock::now();
    progress_.elapsed_s = std::chrono::duration<double>(shown_ - begin_).count();
    options_.progress(progress_);
  }

  const std::vector<const SweepPoint*>& points_;
  const PointProgram& program_;
  const RunPointsOptions& options_;
  const Scratch& scratch_;
  ResultsFile& results_;
  SweepProgress progress_;
  ForkPool pool_;
  std::size_t next_ = 0;
  std::map<std::size_t, std::string> started_;
  std::vector<PointOutcome> unrecorded_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point recorded_ = begin_ - kRecordEvery;
  Clock::time_point shown_ = begin_;
};

}  // namespace

PointOutcome outcome_of(const SweepPoint& point, const ChildEnd& end, const ChildLimits& limits,
                        const fs::path& directory) {
  PointOutcome outcome{.key = point.key, .wall_s = end.wall_s, .peak_bytes = end.peak_bytes};
  if (WIFEXITED(end.status)) {
    outcome.exit_code = WEXITSTATUS(end.status);
  }
  try {
    if (end.cause == ChildEnd::Cause::own && end.status == 0) {
      read_results(directory, outcome);
      return outcome;
    }
    outcome.message = failure_of(end, limits, directory);
  } catch (const RunError& error) {
    outcome.message = error.what();
  }
  outcome.status = is_from_outside(end) ? PointOutcome::Status::killed : PointOutcome::Status::failed;
  return outcome;
}

std::vector<const SweepPoint*> record_left_behind(const std::vector<const SweepPoint*>& points, const Scratch& scratch,
                                                  ResultsFile& results) {
  std::vector<const SweepPoint*> others;
  std::vector<PointOutcome> found;
  for (const SweepPoint* point : points) {
    const fs::path directory = scratch.of_point(point->key);
    PointOutcome outcome{.key = point->key, .exit_code = 0};
    try {
      if (!has_results(directory)) {
        others.push_back(point);
        continue;
      }
      read_results(directory, outcome);
      const std::map<std::string, double> metrics(outcome.metrics.begin(), outcome.metrics.end());
      outcome.wall_s = metrics.at("wall_s");
      outcome.peak_bytes = static_cast<std::uint64_t>(metrics.at("memory_peak_bytes"));
      found.push_back(std::move(outcome));
    } catch (const RunError&) {
      others.push_back(point);
    }
  }
  results.record(found);
  return others;
}

int run_points(const std::vector<const SweepPoint*>& points, const PointProgram& program,
               const RunPointsOptions& options, const Scratch& scratch, ResultsFile& results, SweepProgress before) {
  return PointsRunner(points, program, options, scratch, results, before).run();
}

}  // namespace descent
