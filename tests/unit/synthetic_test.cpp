#include "tests/support/data.hpp"

#include <Eigen/QR>
#include <cmath>

namespace descent {
namespace {

using test::load;

TEST(SyntheticRegression, ShapesAndRepeatability) {
  const test::Values given{{"samples", "20"}, {"test-samples", "7"}, {"features", "3"}};
  const Dataset<double> data = load("synthetic-regression", given);
  EXPECT_EQ(data.train.size(), 20U);
  EXPECT_EQ(data.test.size(), 7U);
  EXPECT_EQ(data.features(), 3U);
  EXPECT_EQ(data.test.inputs.rows(), 3);
  EXPECT_EQ(data.classes, 0U);
  EXPECT_EQ(data.train.inputs, load("synthetic-regression", given).train.inputs);
  EXPECT_NE(data.train.inputs, load("synthetic-regression", given, 2).train.inputs);
  EXPECT_NE(data.train.inputs.col(0), data.test.inputs.col(0));
}

TEST(Synthetic, ASampleDoesNotDependOnTheCount) {
  for (const std::string source : {"synthetic-regression", "synthetic-classification"}) {
    const auto few = load(source, {{"samples", "5"}, {"test-samples", "2"}, {"features", "4"}});
    const auto many = load(source, {{"samples", "50"}, {"test-samples", "20"}, {"features", "4"}});
    EXPECT_EQ(few.train.inputs, many.train.inputs.leftCols(5));
    EXPECT_EQ(few.train.targets, many.train.targets.head(5));
    EXPECT_EQ(few.test.inputs, many.test.inputs.leftCols(2));
    EXPECT_EQ(few.test.targets, many.test.targets.head(2));
  }
}

TEST(Synthetic, SinglePrecisionIsDoublePrecisionRounded) {
  const test::Values given{{"samples", "9"}, {"features", "4"}};
  EXPECT_EQ(load<float>("synthetic-regression", given).train.inputs,
            load<double>("synthetic-regression", given).train.inputs.cast<float>());
}

TEST(SyntheticRegression, IsLinearWithTheStatedNoise) {
  for (const double noise : {0.0, 0.5}) {
    const auto data =
        load("synthetic-regression", {{"samples", "4000"}, {"features", "5"}, {"noise", std::to_string(noise)}});
    Matrix<double> design(4000, 6);
    design << data.train.inputs.transpose(), Vector<double>::Ones(4000);
    const Matrix<double> normal = design.transpose() * design;
    const Vector<double> solution = normal.ldlt().solve(design.transpose() * data.train.targets);
    const double residual = (design * solution - data.train.targets).norm() / std::sqrt(4000.0 - 6);
    // The standard error of a standard deviation is σ/√(2n).
    EXPECT_NEAR(residual, noise, 1e-10 + 4 * noise / std::sqrt(8000.0));
  }
}

TEST(SyntheticClassification, ClassesAreEvenClustersOfUnitVariance) {
  const auto data =
      load("synthetic-classification", {{"samples", "6000"}, {"features", "8"}, {"classes", "3"}, {"separation", "5"}});
  EXPECT_EQ(data.classes, 3U);
  for (int label = 0; label < 3; ++label) {
    Vector<double> mean = Vector<double>::Zero(8);
    double count = 0;
    for (Eigen::Index i = 0; i < 6000; ++i) {
      if (data.train.targets[i] == label) {
        mean += data.train.inputs.col(i);
        ++count;
      }
    }
    EXPECT_NEAR(count, 2000, 4 * std::sqrt(6000 * 2.0 / 9));
    mean /= count;
    double squares = 0;
    for (Eigen::Index i = 0; i < 6000; ++i) {
      squares += data.train.targets[i] == label ? (data.train.inputs.col(i) - mean).squaredNorm() : 0;
    }
    EXPECT_NEAR(squares / (8 * count), 1, 0.06);
  }
}

TEST(SyntheticClassification, LabelNoiseIsTheStatedShare) {
  const test::Values clean{{"samples", "8000"}, {"features", "2"}, {"classes", "4"}};
  test::Values noisy = clean;
  noisy["label-noise"] = "0.4";
  const auto a = load("synthetic-classification", clean);
  const auto b = load("synthetic-classification", noisy);
  EXPECT_EQ(a.train.inputs, b.train.inputs);
  // A label drawn evenly from 4 classes is another one in 3 of 4 cases.
  const double changed = (a.train.targets.array() != b.train.targets.array()).cast<double>().mean();
  EXPECT_NEAR(changed, 0.3, 4 * std::sqrt(0.21 / 8000));
}

TEST(Synthetic, RefusesWhatDoesNotFit) {
  for (const std::string source : {"synthetic-regression", "synthetic-classification"}) {
    const auto error = test::input_error_of([&] {
      load(source, {{"samples", "4294967295"}, {"features", "4294967295"}});
    });
    EXPECT_NE(error.find("half of this machine's memory"), std::string::npos) << error;
  }
}

}  // namespace
}  // namespace descent
