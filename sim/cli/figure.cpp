#include "sim/cli/figure.hpp"

#include "algorithms/core/error.hpp"
#include "sim/validate/child_run.hpp"

namespace descent {

namespace fs = std::filesystem;

std::string draw_figure(const std::string& program, const fs::path& subject) {
  const fs::path log = (fs::is_directory(subject) ? subject : subject.parent_path()) / "figure.log";
  try {
    std::string message =
        run_child({"/usr/bin/python3", (fs::path(DESCENT_PLOTS) / program).string(), subject.string()}, log);
    fs::remove(log);
    return message;
  } catch (const RunError& error) {
    return error.what();
  }
}

}  // namespace descent
