#include "sim/validate/child_run.hpp"

#include "algorithms/core/units.hpp"
#include "sim/validate/child_process.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cctype>
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

std::string run_child(const std::vector<std::string>& command, const std::filesystem::path& log, double longest_s) {
  const std::optional<int> status = ChildProcess(command, log).wait(longest_s);
  if (!status) {
    return fmt::format("had not ended after {}, the limit, and was ended", format_seconds(longest_s));
  }
  if (WIFEXITED(*status) && WEXITSTATUS(*status) == 0) {
    return "";
  }
  std::string message = first_message(text_of_log(log));
  if (!message.empty()) {
    return message;
  }
  return WIFSIGNALED(*status) ? fmt::format("ended by signal {}", WTERMSIG(*status))
                              : fmt::format("exit code {}", WEXITSTATUS(*status));
}

}  // namespace descent
