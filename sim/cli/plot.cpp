#include "algorithms/core/error.hpp"
#include "sim/cli/figure.hpp"
#include "sim/cli/verbs.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace descent {

int plot_verb(const std::string& verb, const std::vector<std::string>& words) {
  std::vector<std::string> command = drawing_command(verb + ".py");
  command.insert(command.end(), words.begin(), words.end());
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (std::string& word : command) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  execv(argv.front(), argv.data());
  throw RunError(fmt::format("cannot run {}: {}; install python3", command.front(), std::strerror(errno)));
}

}  // namespace descent
