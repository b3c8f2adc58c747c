#include "sim/slurm/tasks.hpp"

#include "algorithms/core/error.hpp"
#include "sim/slurm/queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace descent {
namespace {

namespace fs = std::filesystem;

/// What the queue tells of these submissions, by their names.
std::map<std::string, std::vector<QueuedTask>> ask_queue(const std::vector<Submission>& submissions,
                                                         const fs::path& results_directory) {
  std::vector<std::string> names;
  for (const Submission& submission : submissions) {
    if (!submission.over) {
      names.push_back(submission.name);
    }
  }
  if (names.empty()) {
    return {};
  }
  require_slurm();
  return tasks_in_queue(names, results_directory / "slurm" / "squeue.log");
}

/// Sorted by job and task, so that what came later is taken over later.
std::vector<fs::path> shards_in(const fs::path& results_directory) {
  std::vector<fs::path> shards;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(results_directory / "shards", ignored)) {
    shards.push_back(entry.path());
  }
  std::sort(shards.begin(), shards.end(), [](const fs::path& a, const fs::path& b) {
    const auto order = [](const fs::path& path) { return std::pair(path.string().size(), path.string()); };
    return order(a) < order(b);
  });
  return shards;
}

/// The results first: without them a directory that is half removed is taken for an empty one.
void remove_shard(const fs::path& shard) {
  std::error_code ignored;
  fs::remove(shard / "results.sqlite", ignored);
  fs::remove_all(shard, ignored);
}

}  // namespace

SlurmTasks::SlurmTasks(const fs::path& results_directory) : submissions_(submissions_in(results_directory)) {
  const auto queued = ask_queue(submissions_, results_directory);
  for (Submission& submission : submissions_) {
    std::vector<std::string> states(submission.tasks.size());
    if (const auto found = queued.find(submission.name); found != queued.end()) {
      active_submissions_.insert(submission.name);
      for (const QueuedTask& task : found->second) {
        active_.insert(fmt::format("{}_{}", task.job, task.task));
        states.at(task.task) = task.state;
      }
      if (submission.job.empty()) {
        note_job(submission, found->second.front().job);
      }
    }
    for (std::size_t i = 0; i < submission.tasks.size(); ++i) {
      tasks_.push_back(
          {submission.job, i, states[i], submission.directory / fmt::format("{}.log", i), submission.tasks[i]});
    }
  }
}

std::size_t SlurmTasks::active() const {
  return static_cast<std::size_t>(
      std::count_if(tasks_.begin(), tasks_.end(), [](const SlurmTask& task) { return task.active(); }));
}

std::map<std::string, const SlurmTask*> SlurmTasks::last_tasks() const {
  std::map<std::string, const SlurmTask*> last;
  for (const SlurmTask& task : tasks_) {
    for (const std::string& key : task.points) {
      last[key] = &task;
    }
  }
  return last;
}

void SlurmTasks::note_over() {
  for (Submission& submission : submissions_) {
    if (!submission.over && !active_submissions_.contains(submission.name)) {
      descent::note_over(submission);
    }
  }
}

bool has_open_submissions(const fs::path& results_directory) {
  const std::vector<Submission> submissions = submissions_in(results_directory);
  return std::any_of(submissions.begin(), submissions.end(), [](const Submission& one) { return !one.over; });
}

fs::path shard_of(const fs::path& results_directory, const std::string& task) {
  return results_directory / "shards" / task;
}

std::vector<std::string> collect_shards(const fs::path& results_directory, const SlurmTasks& tasks,
                                        const SweepIdentity& identity, ResultsFile& results) {
  std::vector<std::string> problems;
  for (const fs::path& shard : shards_in(results_directory)) {
    std::optional<ResultsFile> left;
    try {
      left = ResultsFile::find(shard / "results.sqlite", identity);
      if (left) {
        left->check_soundness();
      }
    } catch (const std::exception& error) {
      problems.emplace_back(error.what());
      continue;
    }
    if (left) {
      results.merge(*left);
      left.reset();
    }
    if (!tasks.is_active(shard.filename().string())) {
      remove_shard(shard);
    }
  }
  if (tasks.active() == 0) {  // none of which may be making its own there
    std::error_code ignored;
    fs::remove(results_directory / "shards", ignored);  // where it is empty
  }
  return problems;
}

}  // namespace descent
