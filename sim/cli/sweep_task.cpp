#include "algorithms/core/error.hpp"
#include "sim/cli/sweep_work.hpp"
#include "sim/slurm/tasks.hpp"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace descent {
namespace {

/// Which of the array's tasks this process is, as Slurm tells it.
struct TaskNumber {
  std::string job;
  std::size_t task = 0;
};

TaskNumber this_task() {
  const char* job = std::getenv("SLURM_ARRAY_JOB_ID");
  const char* task = std::getenv("SLURM_ARRAY_TASK_ID");
  TaskNumber number{job != nullptr ? job : ""};
  const std::string_view text = task != nullptr ? task : "";
  if (number.job.empty() || std::from_chars(text.data(), text.data() + text.size(), number.task).ec != std::errc()) {
    throw InputError("--task: is for tasks of an array that --slurm has submitted; allowed: --slurm");
  }
  return number;
}

/// Of the sweep's points, as it is now, those that the task is to run.
std::vector<SweepPoint> points_of(const SweepWork& work, const Submission& submission, std::size_t task) {
  std::map<std::string, const SweepPoint*> by_key;
  for (const SweepPoint& point : work.points()) {
    by_key[point.key] = &point;
  }
  std::vector<SweepPoint> points;
  for (const std::string& key : submission.tasks.at(task)) {
    const auto found = by_key.find(key);
    if (found == by_key.end()) {
      throw InputError(
          fmt::format("{}: <sweep> has no more the points that were submitted; allowed: a wider one, or --slurm again",
                      work.settings().file));
    }
    points.push_back(*found->second);
  }
  return points;
}

}  // namespace

int run_task(const SweepWork& work) {
  const TaskNumber number = this_task();
  const Submission submission = read_submission(*work.options().submission);
  if (const std::string changed = change_since(submission, work.identity()); !changed.empty()) {
    throw InputError(fmt::format(
        "{}: {} has changed since this task was submitted, so it runs nothing; allowed: as it was, or --slurm again",
        work.settings().file, changed));
  }
  const std::vector<SweepPoint> points = points_of(work, submission, number.task);
  const std::string id = fmt::format("{}_{}", number.job, number.task);
  const int signal =
      work.make_results(shard_of(work.directory(), id), points, id, [](const PointList& all) { return all; });
  if (signal != 0) {
    fmt::print(stderr, "descent: ended by signal {}; what had ended by then is recorded\n", signal);
    std::raise(signal);
  }
  return 0;
}

}  // namespace descent
