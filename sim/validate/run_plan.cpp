#include "sim/validate/run_plan.hpp"

#include "sim/validate/child_run.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace descent {

namespace fs = std::filesystem;

std::vector<PlannedRun> plan_runs(std::size_t scenarios, std::size_t repeats) {
  std::vector<PlannedRun> runs;
  for (std::size_t repeat = 0; repeat <= repeats; ++repeat) {
    for (std::size_t scenario = 0; scenario < scenarios; ++scenario) {
      runs.push_back({scenario, repeat});
    }
  }
  return runs;
}

std::vector<std::string> labels_of(const std::vector<fs::path>& files) {
  std::vector<std::string> stems;
  stems.reserve(files.size());
  for (const fs::path& file : files) {
    stems.push_back(file.stem().string());
  }
  std::vector<std::string> labels;
  const auto taken = [&](const std::string& label) {
    return std::find(labels.begin(), labels.end(), label) != labels.end();
  };
  for (const std::string& stem : stems) {
    std::string label = stem;
    for (int number = 2; taken(label) || (label != stem && std::count(stems.begin(), stems.end(), label) > 0);
         ++number) {
      label = fmt::format("{}-{}", stem, number);
    }
    labels.push_back(label);
  }
  return labels;
}

fs::path directory_of(const PlannedRun& run, const std::string& label, const ValidationOptions& options) {
  return options.out / label /
         (run.measures() ? fmt::format("{}-{}", options.measured_by(), run.repeat) : std::string("simulation"));
}

bool is_directory_of_run(const fs::path& directory) {
  const std::string name = directory.filename().string();
  return name == "simulation" || name.compare(0, 4, "mpi-") == 0 || name.compare(0, 5, "smpi-") == 0;
}

double time_limit_of(const PlannedRun& run, std::optional<double> predicted_s, const ValidationOptions& options) {
  constexpr double kOfPrediction = 10;
  const double long_run = run.measures() ? kOfPrediction * predicted_s.value_or(0) : 0;
  return options.time_limit_s.value_or(std::max(kLongestRun, long_run));
}

std::vector<std::string> words_of(const PlannedRun& run, const fs::path& directory, const ValidationOptions& options) {
  std::vector<std::string> words{"run", options.files[run.scenario].string(), "--quiet", "--out", directory.string()};
  const auto add = [&](const char* option, const std::string& value) {
    words.emplace_back(option);
    words.push_back(value);
  };
  for (const std::string& setting : options.overrides) {
    add("--set", setting);
  }
  if (options.platform) {
    add("--set", "//platform/@file=" + fs::absolute(*options.platform).string());
  }
  if (options.seed) {
    add("--seed", std::to_string(*options.seed));
  }
  if (options.threads) {
    add("--threads", std::to_string(*options.threads));
  }
  if (run.measures()) {
    words.push_back("--" + options.measured_by());
    if (options.hostfile) {
      add("--hostfile", options.hostfile->string());
    }
    if (options.paced) {
      words.emplace_back("--paced");
    }
  }
  return words;
}

}  // namespace descent
