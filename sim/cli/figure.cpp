#include "sim/cli/figure.hpp"

#include "algorithms/core/error.hpp"
#include "sim/validate/child_run.hpp"

namespace descent {

namespace fs = std::filesystem;

std::vector<std::string> drawing_command(const std::string& program) {
  return {"/usr/bin/python3", (fs::path(DESCENT_PLOTS) / program).string()};
}

std::string draw_figure(const std::string& program, const fs::path& subject) {
  const fs::path log = (fs::is_directory(subject) ? subject : subject.parent_path()) / "figure.log";
  try {
    std::vector<std::string> command = drawing_command(program);
    command.push_back(subject.string());
    std::string message = run_child(command, log);
    fs::remove(log);
    return message;
  } catch (const RunError& error) {
    return error.what();
  }
}

}  // namespace descent
