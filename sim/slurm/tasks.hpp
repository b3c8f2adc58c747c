#pragma once

#include "sim/slurm/submission.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace descent {

/// One task that was submitted.
struct SlurmTask {
  std::string job;
  std::size_t number = 0;
  /// As the queue tells it; "": it is over.
  std::string state;
  std::filesystem::path log;
  /// Keys of its points.
  std::vector<std::string> points;

  bool active() const { return !state.empty(); }
};

/// All tasks of a sweep's submissions, in order, as the queue tells of them at one moment. What is collected
/// afterwards is all that those had to leave which are over.
class SlurmTasks {
 public:
  /// Asks the queue, where a submission is not known to be over. Throws RunError where it does not answer.
  explicit SlurmTasks(const std::filesystem::path& results_directory);

  const std::vector<SlurmTask>& tasks() const { return tasks_; }
  std::size_t active() const;
  /// Whether it is in the queue: JOB_TASK.
  bool is_active(const std::string& task) const { return active_.contains(task); }
  /// Of each point, the last task that was to run it.
  std::map<std::string, const SlurmTask*> last_tasks() const;
  /// Notes which submissions are over, once all is collected.
  void note_over();

 private:
  std::vector<Submission> submissions_;
  std::vector<SlurmTask> tasks_;
  std::set<std::string> active_;
  std::set<std::string> active_submissions_;
};

/// Whether tasks may still run some of its points.
bool has_open_submissions(const std::filesystem::path& results_directory);

/// Where a task leaves its results, as a sweep does: DIR/shards/JOB_TASK.
std::filesystem::path shard_of(const std::filesystem::path& results_directory, const std::string& task);

/// Takes over what tasks have left, each point once, and removes the shards of those that are over, each when its
/// results are durably in the file. Returns a line for each shard that cannot be read, which stays as it is. Throws
/// RunError where `results` cannot be written.
std::vector<std::string> collect_shards(const std::filesystem::path& results_directory, const SlurmTasks& tasks,
                                        const SweepIdentity& identity, ResultsFile& results);

}  // namespace descent
