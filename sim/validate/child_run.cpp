#include "sim/validate/child_run.hpp"

#include "algorithms/core/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace descent {
namespace {

std::string text_of_log(const std::filesystem::path& log) {
  std::ifstream in(log);
  return {std::istreambuf_iterator<char>(in), {}};
}

pid_t start_child(const std::vector<std::string>& command, const std::filesystem::path& log) {
  std::vector<std::string> words = command;
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw RunError(fmt::format("cannot run {}: {}", command[0], std::strerror(error)));
  }
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      throw RunError(fmt::format("cannot wait for a run: {}", std::strerror(errno)));
    }
  }
  return status;
}

}  // namespace

std::string first_message(const std::string& printed) {
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);) {
    bool says = false;
    for (const char c : line) {
      says = says || std::isalnum(static_cast<unsigned char>(c)) != 0;
    }
    constexpr std::string_view kOwn = "descent: ";
    if (says) {
      return line.compare(0, kOwn.size(), kOwn) == 0 ? line.substr(kOwn.size()) : line;
    }
  }
  return "";
}

std::string run_child(const std::vector<std::string>& command, const std::filesystem::path& log) {
  const int status = wait_for(start_child(command, log));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return "";
  }
  std::string message = first_message(text_of_log(log));
  if (!message.empty()) {
    return message;
  }
  return WIFSIGNALED(status) ? fmt::format("ended by signal {}", WTERMSIG(status))
                             : fmt::format("exit code {}", WEXITSTATUS(status));
}

}  // namespace descent
