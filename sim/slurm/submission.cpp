#include "sim/slurm/submission.hpp"

#include "algorithms/core/error.hpp"
#include "sim/record/whole_file.hpp"
#include "sim/sweep/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>

namespace descent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSubmissionFile = "submission.json";
constexpr const char* kJobFile = "job";
constexpr const char* kOverFile = "over";

std::string this_program_digest() {
  return digest_of_file("/proc/self/exe").value_or("");
}

/// NAME-1a2b3c4d; of the name, what cannot be taken for something else in a list of names.
std::string new_name(const std::string& scenario) {
  std::string name = scenario;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_'; }, '-');
  return fmt::format("{}-{:08x}", name, std::random_device()());
}

/// By number; other directories are somebody else's.
std::map<std::size_t, fs::path> numbered_in(const fs::path& directory) {
  std::map<std::size_t, fs::path> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size()) {
      found[number] = entry.path();
    }
  }
  return found;
}

}  // namespace

std::vector<std::vector<std::string>> deal(std::vector<std::string> keys, std::size_t most_tasks) {
  std::sort(keys.begin(), keys.end());
  std::vector<std::vector<std::string>> tasks(std::min(keys.size(), most_tasks));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    tasks[i % tasks.size()].push_back(keys[i]);
  }
  return tasks;
}

Submission new_submission(const fs::path& results_directory, const SweepIdentity& identity,
                          std::vector<std::vector<std::string>> tasks) {
  const fs::path root = fs::absolute(results_directory) / "slurm";
  const auto known = numbered_in(root);
  Submission submission{.directory = root / std::to_string(known.empty() ? 1 : known.rbegin()->first + 1),
                        .name = new_name(identity.scenario_name),
                        .scenario_digest = identity.scenario_digest,
                        .platform_digest = identity.platform_digest,
                        .inputs = identity.inputs,
                        .program_digest = this_program_digest(),
                        .tasks = std::move(tasks)};
  std::error_code error;
  fs::create_directories(submission.directory, error);
  if (error) {
    throw RunError(fmt::format("cannot make {}: {}", submission.directory.string(), error.message()));
  }
  const nlohmann::ordered_json json{
      {"name", submission.name},
      {"scenario_digest", submission.scenario_digest},
      {"platform_digest", submission.platform_digest},
      {"inputs", submission.inputs},
      {"program_digest", submission.program_digest},
      {"tasks", submission.tasks},
  };
  write_whole(submission.directory / kSubmissionFile, json.dump(1) + "\n");
  return submission;
}

void note_job(Submission& submission, const std::string& job) {
  submission.job = job;
  write_whole(submission.directory / kJobFile, job + "\n");
}

void note_over(Submission& submission) {
  submission.over = true;
  write_whole(submission.directory / kOverFile, "");
}

Submission read_submission(const fs::path& directory) {
  Submission submission{.directory = directory};
  try {
    std::ifstream in(directory / kSubmissionFile);
    const auto json = nlohmann::json::parse(in);
    json.at("name").get_to(submission.name);
    json.at("scenario_digest").get_to(submission.scenario_digest);
    json.at("platform_digest").get_to(submission.platform_digest);
    json.at("inputs").get_to(submission.inputs);
    json.at("program_digest").get_to(submission.program_digest);
    json.at("tasks").get_to(submission.tasks);
  } catch (const nlohmann::json::exception& error) {
    throw InputError(
        fmt::format("{}: says of no submission: {}", (directory / kSubmissionFile).string(), error.what()));
  }
  std::ifstream(directory / kJobFile) >> submission.job;
  submission.over = fs::exists(directory / kOverFile);
  return submission;
}

std::vector<Submission> submissions_in(const fs::path& results_directory) {
  std::vector<Submission> submissions;
  for (const auto& [number, directory] : numbered_in(fs::absolute(results_directory) / "slurm")) {
    // Without it, one that was killed before it had anything to submit.
    if (fs::exists(directory / kSubmissionFile)) {
      submissions.push_back(read_submission(directory));
    }
  }
  return submissions;
}

std::string change_since(const Submission& submission, const SweepIdentity& now) {
  if (now.scenario_digest != submission.scenario_digest) {
    return "the scenario";
  }
  if (now.platform_digest != submission.platform_digest) {
    return "the platform file";
  }
  for (const auto& [file, digest] : now.inputs) {
    const auto then = submission.inputs.find(file);
    if (then != submission.inputs.end() && then->second != digest) {
      return fmt::format("the file '{}'", file);
    }
  }
  return this_program_digest() == submission.program_digest ? "" : "the program";
}

}  // namespace descent
