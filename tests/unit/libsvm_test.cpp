#include "tests/support/data.hpp"

#include <utility>

namespace descent {
namespace {

using test::input_error_of;
using test::load;

class Libsvm : public testing::Test {
 protected:
  test::Values file(const std::string& content, test::Values more = {}) const {
    more["file"] = directory_.write("train", content);
    return more;
  }
  std::string error_of(const std::string& content, const test::Values& more = {}) const {
    return input_error_of([&] { load<float>("libsvm", file(content, more)); });
  }
  std::string path(const std::string& name) const { return directory_.path(name); }

  test::DataDirectory directory_;
};

TEST_F(Libsvm, ReadsSparseLines) {
  const auto data = load("libsvm", file("+1 1:0.5 3:-2e1 # a comment\r\n\n-1 2:+4\n+1\n"));
  EXPECT_EQ(data.train.inputs, Matrix<double>({{0.5, 0, 0}, {0, 4, 0}, {-20, 0, 0}}));
  EXPECT_EQ(data.train.targets, Vector<double>({{1, 0, 1}}));
  EXPECT_EQ(data.classes, 2U);
}

TEST_F(Libsvm, LabelsAreMappedInNumericOrderAndTheSameInTheTestFile) {
  test::Values given = file("10 1:1\n-3 1:1\n2 1:1\n");
  given["test-file"] = directory_.write_gzip("test.gz", "2 2:1\n10 1:1\n");
  const auto data = load("libsvm", given);
  EXPECT_EQ(data.train.targets, Vector<double>({{2, 0, 1}}));
  EXPECT_EQ(data.test.targets, Vector<double>({{1, 2}}));
  EXPECT_EQ(data.features(), 2U) << "the highest index of both files";
  given["test-file"] = directory_.write("test", "\n2 1:1\n7 1:1\n");
  EXPECT_EQ(input_error_of([&] { load("libsvm", given); }),
            path("test") + ":3: label 7 does not occur in the training data; allowed: those of " + path("train"));
}

TEST_F(Libsvm, RegressionKeepsTargets) {
  const auto data = load("libsvm", file("0.25 1:1\n-7 1:2", {{"task", "regression"}, {"features", "3"}}));
  EXPECT_EQ(data.train.targets, Vector<double>({{0.25, -7}}));
  EXPECT_EQ(data.features(), 3U);
  EXPECT_EQ(data.classes, 0U);
}

TEST_F(Libsvm, Errors) {
  const std::string line = path("train") + ":2: ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"x 1:1", "label 'x'; allowed: a finite number"},
      {"nan 1:1", "label 'nan'; allowed: a finite number"},
      {"1 1", "'1'; allowed: index:value"},
      {"1 1:", "value '' of index 1; allowed: a finite number"},
      {"1 1:inf", "value 'inf' of index 1; allowed: a finite number"},
      {"1 1:1e300", "value '1e300' of index 1; allowed: a finite number"},
      {"1 1:2x", "value '2x' of index 1; allowed: a finite number"},
      {"1 0:1", "index '0'; allowed: whole numbers from 1"},
      {"1 -1:1", "index '-1'; allowed: whole numbers from 1"},
      {"1 99999999999:1", "index '99999999999'; allowed: whole numbers from 1"},
      {"1 qid:1 1:1", "index 'qid'; allowed: whole numbers from 1"},
      {"1 2:1 2:1", "index 2 after index 2; allowed: ascending indices"},
      {"1 3:1 2:1", "index 2 after index 3; allowed: ascending indices"},
      {"1.5 1:1", "label 1.5 is no whole number; allowed: whole numbers, or task=\"regression\""},
  };
  for (const auto& [content, expected] : cases) {
    EXPECT_EQ(error_of("0 1:1\n" + content + "\n"), line + expected);
  }
  EXPECT_EQ(error_of("0 1:1\n1 4:1\n", {{"features", "3"}}), line + "index 4; allowed: 1 to 3 (features)");
  EXPECT_NE(error_of("").find("no samples"), std::string::npos);
  EXPECT_NE(error_of("1\n0\n").find("no sample has a feature"), std::string::npos);
  EXPECT_NE(error_of("1 1:1\n1 1:2\n").find("two classes or more"), std::string::npos);
  EXPECT_NE(error_of("1 1:1\n0 4294967295:1\n0 1:1\n").find("memory"), std::string::npos);
}

}  // namespace
}  // namespace descent
