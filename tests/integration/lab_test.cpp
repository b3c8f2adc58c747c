// The whole way from a real cluster to a validation, in short: tests/validation/run on network namespaces.
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <iostream>

namespace descent {
namespace {

/// quantity → the last column of its row, of a scenario in validation.csv.
std::map<std::string, std::string> errors_of(const std::filesystem::path& csv, const std::string& scenario) {
  std::map<std::string, std::string> errors;
  std::ifstream in(csv);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(scenario + ",", 0) == 0) {
      const std::size_t quantity = scenario.size() + 1;
      errors[line.substr(quantity, line.find(',', quantity) - quantity)] = line.substr(line.rfind(',') + 1);
    }
  }
  return errors;
}

TEST(Lab, IsCalibratedAndPredicted) {
  const test::TemporaryDirectory directory;
  const test::Outcome outcome = test::shell("DESCENT=" DESCENT_PROGRAM " " + test::source_path("tests/validation/run") +
                                                " --short --out " + directory.path().string(),
                                            true);
  constexpr int kNoLab = 77;
  if (outcome.exit_code == kNoLab) {
    std::cout << outcome.output;
    GTEST_SKIP() << outcome.output;
  }
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  const auto ring = errors_of(directory.path() / "validation.csv", "allreduce-ring-4");
  ASSERT_EQ(ring.count("iteration_time_p50_s"), 1U) << outcome.output;
  EXPECT_EQ(std::stod(ring.at("digest_difference")), 0);
  EXPECT_EQ(std::stod(ring.at("loss_difference")), 0);
  EXPECT_EQ(std::stod(ring.at("bytes_sent")), 0);
  // A busy machine is slow, and the links are not: wrong by a factor would be another matter.
  constexpr double kFar = 0.4;
  EXPECT_LT(std::abs(std::stod(ring.at("iteration_time_p50_s"))), kFar) << outcome.output;
  const auto racing = errors_of(directory.path() / "validation.csv", "ps-asp-4");
  ASSERT_EQ(racing.count("iteration_time_s"), 1U) << outcome.output;
  EXPECT_LT(std::abs(std::stod(racing.at("iteration_time_s"))), kFar) << outcome.output;
}

}  // namespace
}  // namespace descent
