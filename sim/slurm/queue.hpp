#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace descent {

/// Throws InputError where the programs of Slurm are not on the PATH.
void require_slurm();

/// Words for `sbatch`, as users write them. Throws InputError where they say what is not theirs to say.
void check_sbatch_words(const std::vector<std::string>& words);

/// Runs `sbatch`. `log`: for what it prints. Returns the number of the job. Throws RunError with what it says.
std::string submit(const std::vector<std::string>& command, const std::filesystem::path& log);

/// A task of an array that Slurm still has.
struct QueuedTask {
  std::string job;
  std::size_t task = 0;
  /// "PENDING", "RUNNING", "COMPLETING", ...
  std::string state;
};
/// Of the jobs with these names, the tasks that wait, run or are ending, by name. `log`: as of `submit`. Throws
/// RunError where Slurm does not answer.
std::map<std::string, std::vector<QueuedTask>> tasks_in_queue(const std::vector<std::string>& names,
                                                              const std::filesystem::path& log);

/// As a shell takes the words.
std::string shell_text(const std::vector<std::string>& words);

}  // namespace descent
