#include "tests/support/program.hpp"

#include <gtest/gtest.h>

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
    const std::size_t name = line.find(expectation.place + ":");
    const std::string number = std::to_string(expectation.line) + ":";
    const std::size_t after = name + expectation.place.size() + 1;
    const bool place =
        name != std::string::npos && (expectation.line == 0 || line.compare(after, number.size(), number) == 0);
    if (place && line.find(expectation.text, after) != std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST(Malformed, EveryFileIsRefusedWithItsLineAndReason) {
  const auto all = expectations();
  ASSERT_GE(all.size(), 40U);
  for (const Expectation& expectation : all) {
    const std::string file = test::source_path("tests/integration/malformed/" + expectation.file);
    const auto outcome = test::shell(std::string(DESCENT_PROGRAM) + " check '" + file + "'", true);
    EXPECT_EQ(outcome.exit_code, 2) << expectation.file << "\n" << outcome.output;
    EXPECT_TRUE(says(outcome.output, expectation))
        << expectation.place << ":" << expectation.line << ": …" << expectation.text << "…\n"
        << outcome.output;
  }
}

}  // namespace
}  // namespace descent
