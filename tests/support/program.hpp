#pragma once

#include "tests/support/temporary.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace descent::test {

struct Outcome {
  int exit_code = 0;
  std::string output;
};

/// Runs a shell command; its standard error joins its output where `with_errors`.
inline Outcome shell(const std::string& command, bool with_errors = false) {
  Outcome outcome;
  FILE* pipe = popen((command + (with_errors ? " 2>&1" : " 2>/dev/null")).c_str(), "r");
  std::array<char, 4096> block{};
  for (std::size_t count = 0; (count = fread(block.data(), 1, block.size(), pipe)) > 0;) {
    outcome.output.append(block.data(), count);
  }
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

inline std::string source_path(const std::string& name) {
  return std::string(DESCENT_SOURCE_DIR) + "/" + name;
}

/// The columns of a `metrics.csv` by their name in its header; an empty field is NaN.
inline std::map<std::string, std::vector<double>> read_metrics(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::string field;
  std::vector<std::string> names;
  std::getline(file, line);
  for (std::istringstream header(line); std::getline(header, field, ',');) {
    names.push_back(field);
  }
  std::map<std::string, std::vector<double>> columns;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    for (const std::string& name : names) {
      field.clear();
      std::getline(fields, field, ',');
      columns[name].push_back(field.empty() ? std::nan("") : std::stod(field));
    }
  }
  return columns;
}

struct Results {
  nlohmann::json summary;
  std::map<std::string, std::vector<double>> metrics;
};

/// `descent run` with these words after it, and what it wrote. A run that fails fails the test.
inline Results results_of(const std::string& words) {
  const TemporaryDirectory directory;
  const std::string command =
      std::string(DESCENT_PROGRAM) + " run " + words + " --json --out " + directory.path().string();
  const Outcome outcome = shell(command);
  EXPECT_EQ(outcome.exit_code, 0) << command << "\n" << shell(command, true).output;
  if (outcome.exit_code != 0) {
    return {};
  }
  return {nlohmann::json::parse(outcome.output), read_metrics(directory.path() / "metrics.csv")};
}

/// The summary alone.
inline nlohmann::json run(const std::string& words) {
  return results_of(words).summary;
}

}  // namespace descent::test
