#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace descent {
namespace {

struct Expectation {
  std::string file;
  int line = 0;
  std::string text;
  /// The file that the line is in: `file` itself, or what a fourth column says.
  std::string place;
};

std::vector<Expectation> expectations() {
  std::ifstream in(test::source_path("tests/integration/malformed/expected.tsv"));
  std::vector<Expectation> all;
  for (std::string row; std::getline(in, row);) {
    std::istringstream fields(row);
    Expectation expectation;
    std::string number;
    if (std::getline(fields, expectation.file, '\t') && std::getline(fields, number, '\t') &&
        std::getline(fields, expectation.text, '\t')) {
      expectation.place = std::getline(fields, expectation.place) ? expectation.place : expectation.file;
      expectation.line = std::stoi(number);
      all.push_back(expectation);
    }
  }
  return all;
}

/// Whether a line of the output is `…file:line: …text…` (any line of the file where it is 0).
bool says(const std::string& output, const Expectation& expectation) {
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t name = line.find("/" + expectation.place + ":");
    const std::string number = std::to_string(expectation.line) + ":";
    const std::size_t after = name + expectation.place.size() + 2;
    const bool place =
        name != std::string::npos && (expectation.line == 0 || line.compare(after, number.size(), number) == 0);
    if (place && line.find(expectation.text, after) != std::string::npos) {
      return true;
    }
  }
  return false;
}

/// Some dozens in one call, which says of each what is wrong with it. Which of them it does not refuse, if any, each by
/// itself will tell.
TEST(Malformed, EveryFileIsRefusedWithItsLineAndReason) {
  constexpr std::size_t kAtOnce = 40;
  const auto all = expectations();
  ASSERT_GE(all.size(), 40U);
  const std::string check = std::string(DESCENT_PROGRAM) + " check ";
  const auto path = [](const Expectation& expectation) {
    return "'" + test::source_path("tests/integration/malformed/" + expectation.file) + "' ";
  };
  for (std::size_t begin = 0; begin < all.size(); begin += kAtOnce) {
    const std::size_t end = std::min(begin + kAtOnce, all.size());
    std::string files;
    for (std::size_t i = begin; i < end; ++i) {
      files += path(all[i]);
    }
    const auto together = test::shell(check + files, true);
    for (std::size_t i = begin; i < end; ++i) {
      // What is said of a place that others of them lead to as well may be said of those alone.
      const bool only_one = std::count_if(all.begin() + begin, all.begin() + end, [&](const Expectation& other) {
                              return other.place == all[i].place || other.file == all[i].place;
                            }) == 1;
      if (together.exit_code == 2 && only_one && says(together.output, all[i])) {
        continue;
      }
      const auto outcome = test::shell(check + path(all[i]), true);
      EXPECT_EQ(outcome.exit_code, 2) << all[i].file << "\n" << outcome.output;
      EXPECT_TRUE(says(outcome.output, all[i])) << all[i].place << ":" << all[i].line << ": …" << all[i].text << "…\n"
                                                << outcome.output;
    }
  }
}

}  // namespace
}  // namespace descent
