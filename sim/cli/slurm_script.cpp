#include "sim/cli/slurm_script.hpp"

#include "sim/slurm/queue.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace descent {
namespace {

namespace fs = std::filesystem;

/// A task may begin in another directory than this command.
std::vector<std::string> task_command(const SweepWork& work, const fs::path& submission) {
  const SweepOptions& options = work.options();
  std::vector<std::string> words{fs::read_symlink("/proc/self/exe").string(),
                                 "sweep",
                                 fs::absolute(options.file).string(),
                                 "--out",
                                 fs::absolute(work.directory()).string(),
                                 "--task",
                                 submission.string(),
                                 "--jobs",
                                 std::to_string(options.job_count()),
                                 "--threads",
                                 std::to_string(options.thread_count()),
                                 "--max-points",
                                 std::to_string(options.most_points),
                                 "--quiet"};
  for (const std::string& change : options.overrides) {
    words.insert(words.end(), {"--set", change});
  }
  if (options.seed) {
    words.insert(words.end(), {"--seed", std::to_string(*options.seed)});
  }
  if (options.time_limit_s) {
    words.insert(words.end(), {"--time-limit", fmt::format("{}s", *options.time_limit_s)});
  }
  if (options.trace) {
    words.emplace_back("--trace");
  }
  if (options.memory_limit_bytes) {
    words.insert(words.end(), {"--memory-limit", std::to_string(*options.memory_limit_bytes)});
  }
  return words;
}

/// Where sbatch takes % for a part of the job.
std::string as_pattern(const std::string& path) {
  std::string pattern;
  for (const char c : path) {
    pattern += c == '%' ? "%%" : std::string(1, c);
  }
  return pattern;
}

}  // namespace

std::string batch_script(const SweepWork& work, const fs::path& submission) {
  // exec: signals of Slurm reach the program itself, which then records what has ended.
  return "#!/bin/sh\n# A task of the array: runs the points that submission.json has for it.\nexec " +
         shell_text(task_command(work, submission)) + "\n";
}

std::vector<std::string> sbatch_command(const SweepWork& work, const fs::path& submission, const std::string& name,
                                        std::size_t tasks) {
  const SweepOptions& options = work.options();
  std::vector<std::string> words{"sbatch",
                                 "--parsable",
                                 "--nodes=1",
                                 "--ntasks=1",
                                 fmt::format("--cpus-per-task={}", options.job_count() * options.thread_count()),
                                 "--open-mode=append"};
  words.insert(words.end(), options.sbatch_words.begin(), options.sbatch_words.end());
  words.insert(words.end(),
               {"--job-name=" + name, fmt::format("--array=0-{}", tasks - 1),
                "--output=" + as_pattern(submission.string()) + "/%a.log", (submission / kBatchScript).string()});
  return words;
}

void print_slurm_plan(const SweepWork& work, std::size_t points) {
  const std::size_t tasks = std::min(points, work.options().tasks);
  if (tasks == 0) {
    return;
  }
  const fs::path submission = fs::absolute(work.directory()) / "slurm" / "NUMBER";
  fmt::print("  slurm          {} tasks of at most {} points\n\n{}\n\n{}", tasks, (points + tasks - 1) / tasks,
             shell_text(sbatch_command(work, submission, work.settings().scenario_name, tasks)),
             batch_script(work, submission));
}

}  // namespace descent
