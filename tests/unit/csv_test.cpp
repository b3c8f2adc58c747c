#include "tests/support/data.hpp"

#include <cmath>
#include <set>

namespace descent {
namespace {

using test::input_error_of;
using test::load;

class Csv : public testing::Test {
 protected:
  test::Values file(const std::string& content, test::Values more = {}) const {
    more["file"] = directory_.write("train.csv", content);
    more.emplace("task", "regression");
    return more;
  }
  std::string error_of(const std::string& content, const test::Values& more = {}) const {
    return input_error_of([&] { load<float>("csv", file(content, more)); });
  }
  std::string path(const std::string& name) const { return directory_.path(name); }

  test::DataDirectory directory_;
};

TEST_F(Csv, LastColumnIsTheTarget) {
  const auto data = load("csv", file("1,2,3\n 4 ,\t5 ,-6e0\r\n\n7,8,+9"));
  EXPECT_EQ(data.train.inputs, Matrix<double>({{1, 4, 7}, {2, 5, 8}}));
  EXPECT_EQ(data.train.targets, Vector<double>({{3, -6, 9}}));
}

TEST_F(Csv, HeaderByteOrderMarkAndNamedTarget) {
  const std::string content = "\xEF\xBB\xBF\"y, \"\"true\"\"\";x\n1;2\n3;4\n";
  const auto data = load("csv", file(content, {{"separator", "semicolon"}, {"target", "y, \"true\""}}));
  EXPECT_EQ(data.train.targets, Vector<double>({{1, 3}}));
  EXPECT_EQ(data.train.inputs, Matrix<double>({{2, 4}}));
}

TEST_F(Csv, HeaderByRule) {
  EXPECT_EQ(load("csv", file("1,2\n3,4\n", {{"header", "yes"}})).train.size(), 1U);
  EXPECT_EQ(load("csv", file("1,2\n3,4\n")).train.size(), 2U);
  EXPECT_EQ(error_of("a,b\n3,4\n", {{"header", "no"}}), path("train.csv") +
                                                            ":1: field 1 is 'a'; allowed: a finite "
                                                            "number");
}

TEST_F(Csv, TargetByNumber) {
  const auto data = load("csv", file("1\t2\t3\n", {{"separator", "tab"}, {"target", "1"}}));
  EXPECT_EQ(data.train.targets, Vector<double>({{1}}));
  EXPECT_EQ(data.train.inputs, Matrix<double>({{2}, {3}}));
}

TEST_F(Csv, AFirstLineOfAnotherLengthMayBeAHeader) {
  // As in scikit-learn's files: counts and class names.
  const auto data = load("csv", file("2,2,no,yes\n0.5,1,0\n1.5,2,1\n", {{"task", "classification"}}));
  EXPECT_EQ(data.train.size(), 2U);
  EXPECT_EQ(data.classes, 2U);
}

TEST_F(Csv, GzipAndTestFile) {
  test::Values given = file("1,2\n3,4\n");
  given["test-file"] = directory_.write_gzip("test.csv.gz", "a,b\n5,6\n");
  EXPECT_EQ(load("csv", given).test.inputs, Matrix<double>({{5}}));
  given["test-file"] = directory_.write("test.csv", "5,6,7\n");
  EXPECT_EQ(input_error_of([&] { load("csv", given); }),
            path("test.csv") + ": 3 columns; allowed: 2, as in " + path("train.csv"));
}

TEST_F(Csv, Errors) {
  const std::string line = path("train.csv") + ":2: ";
  EXPECT_EQ(error_of("1,2\n3,x\n"), line + "field 2 is 'x'; allowed: a finite number");
  EXPECT_EQ(error_of("1,2\n3,\n"), line + "field 2 is ''; allowed: a finite number");
  EXPECT_EQ(error_of("1,2\n3,nan\n"), line + "field 2 is 'nan'; allowed: a finite number");
  EXPECT_EQ(error_of("1,2\n3,1e39\n"), line + "field 2 is '1e39'; allowed: a finite number") << "not in single";
  EXPECT_EQ(error_of("1,2\n3\n"), line + "1 fields; allowed: 2, as in the lines before");
  EXPECT_EQ(error_of("1,2\n3,4,5\n"), line + "3 fields; allowed: 2, as in the lines before");
  EXPECT_NE(error_of("1,2\n\"3,4\n").find(line + "a quote is not closed"), std::string::npos);
  EXPECT_NE(error_of("1,2\n\"3\"4,4\n").find(line + "a quote is not closed"), std::string::npos);
  EXPECT_NE(error_of("a,b\n1,2\n", {{"target", "c"}}).find("allowed: last, 1 to 2, a, b"), std::string::npos);
  EXPECT_NE(error_of("1,2\n", {{"target", "y"}}).find("no header"), std::string::npos);
  EXPECT_NE(error_of("1,2\n", {{"target", "3"}}).find("allowed: 1 to 2"), std::string::npos);
  EXPECT_NE(error_of("1\n2\n").find("2 or more"), std::string::npos);
  EXPECT_NE(error_of("").find("no samples"), std::string::npos);
  EXPECT_NE(error_of("\n \n").find("no samples"), std::string::npos);
  EXPECT_NE(error_of("a,b\n").find("no samples"), std::string::npos);
}

TEST_F(Csv, TestFractionSplitsBySeed) {
  std::string content;
  for (int i = 0; i < 100; ++i) {
    content += std::to_string(i) + "," + std::to_string(i) + "\n";
  }
  const test::Values given = file(content, {{"test-fraction", "0.25"}});
  const auto data = load("csv", given);
  ASSERT_EQ(data.train.size(), 75U);
  ASSERT_EQ(data.test.size(), 25U);
  std::set<double> all(data.train.targets.begin(), data.train.targets.end());
  all.insert(data.test.targets.begin(), data.test.targets.end());
  EXPECT_EQ(all.size(), 100U);
  EXPECT_EQ(data.test.inputs.row(0).transpose(), data.test.targets);
  EXPECT_TRUE(std::is_sorted(data.train.targets.begin(), data.train.targets.end()));
  EXPECT_NE(data.test.targets, Vector<double>::LinSpaced(25, 75, 99)) << "the end of the file, not a random part";
  EXPECT_EQ(data.test.targets, load("csv", given).test.targets);
  EXPECT_NE(data.test.targets, load("csv", given, 2).test.targets);
  EXPECT_NE(error_of("1,2\n", {{"test-fraction", "0.5"}}).find("none for training"), std::string::npos);
  EXPECT_NE(error_of("1,2\n", {{"test-fraction", "0.5"}, {"test-file", path("train.csv")}}).find("both given"),
            std::string::npos);
}

TEST_F(Csv, StandardizeByTheTrainingMoments) {
  // A constant column of 0.1 is one whose mean is rounded.
  std::string content;
  for (int i = 0; i < 10; ++i) {
    content += std::to_string(i) + ",0.1,0\n";
  }
  test::Values given = file(content, {{"standardize", "true"}});
  given["test-file"] = directory_.write("test.csv", "4.5,0.3,0\n");
  const auto data = load("csv", given);
  EXPECT_NEAR(data.train.inputs.row(0).mean(), 0, 1e-15);
  EXPECT_NEAR(data.train.inputs.row(0).squaredNorm() / 10, 1, 1e-15);
  EXPECT_NEAR(data.train.inputs(0, 0), -4.5 / std::sqrt(8.25), 1e-15);
  EXPECT_TRUE((data.train.inputs.row(1).array() == 0.1).all()) << "a constant feature stays";
  EXPECT_EQ(data.test.inputs, Matrix<double>({{0}, {0.3}}));
}

}  // namespace
}  // namespace descent
