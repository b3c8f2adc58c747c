#include "sim/slurm/queue.hpp"

#include "algorithms/core/error.hpp"
#include "sim/validate/child_run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

namespace descent {
namespace {

/// In seconds. Slurm's own programs try some ten to reach its controller, and again.
constexpr double kLongestWait = 120;

bool is_on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream directories(path != nullptr ? path : "");
  for (std::string directory; std::getline(directories, directory, ':');) {
    if (access((std::filesystem::path(directory) / program).c_str(), X_OK) == 0) {
      return true;
    }
  }
  return false;
}

/// Whether the word is this option: --name, --name=value, -n, -nvalue.
bool is_option(const std::string& word, const std::string& name, char letter) {
  return word == "--" + name || word.starts_with("--" + name + "=") ||
         (letter != 0 && word.starts_with(std::string{'-', letter}));
}

}  // namespace

void require_slurm() {
  for (const char* program : {"sbatch", "squeue"}) {
    if (!is_on_path(program)) {
      throw InputError(
          fmt::format("there is no {} on the PATH; allowed: on a machine that submits jobs to a Slurm cluster (Debian: "
                      "slurm-client)",
                      program));
    }
  }
}

void check_sbatch_words(const std::vector<std::string>& words) {
  if (!words.empty() && !words.front().starts_with('-')) {
    throw InputError(
        fmt::format("'{}': allowed after --: options of sbatch, such as --partition=short", words.front()));
  }
  struct Own {
    const char* name;
    char letter;
  };
  constexpr std::array<Own, 8> kOwn = {{{"array", 'a'},
                                        {"job-name", 'J'},
                                        {"output", 'o'},
                                        {"clusters", 'M'},
                                        {"wait", 'W'},
                                        {"wrap", 0},
                                        {"parsable", 0},
                                        {"test-only", 0}}};
  for (const std::string& word : words) {
    for (const Own& own : kOwn) {
      if (is_option(word, own.name, own.letter)) {
        throw InputError(
            fmt::format("{}: is not for sbatch here; allowed: other options; --tasks says how many tasks there are, "
                        "and so how many "
                        "run at once",
                        word));
      }
    }
  }
}

std::string submit(const std::vector<std::string>& command, const std::filesystem::path& log) {
  if (const std::string message = run_child(command, log, kLongestWait); !message.empty()) {
    throw RunError(fmt::format("sbatch did not take the job: {}", message));
  }
  // NUMBER or NUMBER;CLUSTER, perhaps after warnings.
  std::ifstream in(log);
  for (std::string line; std::getline(in, line);) {
    std::string job = line.substr(0, line.find(';'));
    if (!job.empty() && std::all_of(job.begin(), job.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) {
      return job;
    }
  }
  throw RunError(fmt::format("{}: sbatch has not told the job's number", log.string()));
}

std::map<std::string, std::vector<QueuedTask>> tasks_in_queue(const std::vector<std::string>& names,
                                                              const std::filesystem::path& log) {
  // What a user has set for looking would hide tasks from us.
  for (const char* variable : {"SQUEUE_ACCOUNT", "SQUEUE_CLUSTERS", "SQUEUE_LICENSES", "SQUEUE_NAMES",
                               "SQUEUE_PARTITION", "SQUEUE_QOS", "SQUEUE_STATES", "SQUEUE_USERS"}) {
    unsetenv(variable);
  }
  const std::string message = run_child(
      {"squeue", "--noheader", "--array", fmt::format("--name={}", fmt::join(names, ",")), "--format=%j %F %K %T"}, log,
      kLongestWait);
  if (!message.empty()) {
    throw RunError(fmt::format("squeue does not tell where the tasks are: {}", message));
  }
  std::map<std::string, std::vector<QueuedTask>> found;
  std::ifstream in(log);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    QueuedTask task;
    words >> name >> task.job >> task.task >> task.state;
    if (words && std::find(names.begin(), names.end(), name) != names.end()) {
      found[name].push_back(std::move(task));
    }
  }
  return found;
}

std::string shell_text(const std::vector<std::string>& words) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,%@";
  std::string text;
  for (const std::string& word : words) {
    text += text.empty() ? "" : " ";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
      text += word;
      continue;
    }
    text += '\'';
    for (const char c : word) {
      text += c == '\'' ? "'\\''" : std::string(1, c);
    }
    text += '\'';
  }
  return text;
}

}  // namespace descent
