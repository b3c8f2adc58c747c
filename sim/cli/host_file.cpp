#include "sim/cli/host_file.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/units.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace descent {

std::vector<std::string> slots_of(const std::filesystem::path& hostfile) {
  std::ifstream in(hostfile);
  if (!in) {
    throw InputError(fmt::format("{}: cannot be read", hostfile.string()));
  }
  std::vector<std::string> slots;
  std::string text;
  for (int line = 1; std::getline(in, text); ++line) {
    std::istringstream words(text.substr(0, text.find('#')));
    std::string name;
    if (!(words >> name)) {
      continue;
    }
    unsigned long long count = 1;
    for (std::string word; words >> word;) {
      constexpr unsigned long long kMost = 100000;
      constexpr std::string_view kSlots = "slots=";
      if (word.rfind(kSlots, 0) == 0) {
        const auto value = parse_integer(word.substr(kSlots.size()));
        if (!value || *value < 1 || *value > kMost) {
          throw InputError(fmt::format("{}:{}: '{}' is no number of slots; allowed: slots=1 to slots={}",
                                       hostfile.string(), line, word, kMost));
        }
        count = *value;
      }
    }
    slots.insert(slots.end(), count, name);
  }
  if (slots.empty()) {
    throw InputError(fmt::format("{}: names no host; allowed: a line 'NAME slots=N' for each", hostfile.string()));
  }
  return slots;
}

}  // namespace descent
