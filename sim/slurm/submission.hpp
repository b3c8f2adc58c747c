#pragma once

#include "sim/sweep/results_file.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace descent {

/// One array of tasks for Slurm, in a directory of its own, DIR/slurm/NUMBER: submission.json, the script, and a log of
/// each task.
struct Submission {
  std::filesystem::path directory;
  /// The job's, and no other one's: the queue tells by it what became of a job whose number was not noted.
  std::string name = {};
  /// Of the job, as Slurm numbers it; "" where it is not known, because it was not accepted, or this was not noted.
  std::string job = {};
  /// None of its tasks is in the queue any more, and what they left is collected.
  bool over = false;
  /// Of the sweep and the program as they were submitted.
  std::string scenario_digest = {};
  std::string platform_digest = {};
  std::map<std::string, std::string> inputs = {};
  std::string program_digest = {};
  /// Keys of each task's points.
  std::vector<std::vector<std::string>> tasks = {};
};

/// Deals the points out to at most so many tasks, one to each in turn, in the order of their keys. That is a random
/// one: in a sweep's own order each task could get the same value of an axis again and again, and some only the longest
/// runs.
std::vector<std::vector<std::string>> deal(std::vector<std::string> keys, std::size_t most_tasks);

/// A new one, the next in DIR/slurm: written before it is submitted. Throws RunError.
Submission new_submission(const std::filesystem::path& results_directory, const SweepIdentity& identity,
                          std::vector<std::vector<std::string>> tasks);
void note_job(Submission& submission, const std::string& job);
void note_over(Submission& submission);

/// Reads one. Throws InputError where it is none.
Submission read_submission(const std::filesystem::path& directory);
/// All in DIR/slurm, in order.
std::vector<Submission> submissions_in(const std::filesystem::path& results_directory);

/// What is not as it was submitted: "scenario", "platform file", "file 'data.csv'", "program", each with its article;
/// "" where nothing is.
std::string change_since(const Submission& submission, const SweepIdentity& now);

}  // namespace descent
