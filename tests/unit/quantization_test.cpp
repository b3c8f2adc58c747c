// Compressions that send every element in few bits. Statistical tests have fixed seeds, so they pass or fail for good;
// kSigmas standard deviations are passed by chance by fewer than one in 10,000 of all the means that one test looks at.
#include "tests/unit/compression_helpers.hpp"

#include <cmath>

namespace descent {
namespace {

constexpr int kEncodings = 4000;
constexpr double kSigmas = 5;

/// Means of kEncodings encodings of one vector.
struct Trials {
  Vector<double> mean;
  /// Of each element.
  Vector<double> deviation_of_mean;
  /// Of the squared distance from the vector.
  double squared_error = 0;
  double deviation_of_error = 0;
};

Trials run_trials(const Compressor& made, const Snapshot& vector) {
  const auto size = static_cast<Eigen::Index>(vector.size());
  Vector<double> sum = Vector<double>::Zero(size);
  Vector<double> squares = Vector<double>::Zero(size);
  double error_sum = 0;
  double error_squares = 0;
  for (std::uint64_t step = 0; step < kEncodings; ++step) {
    const Vector<double> decoded = sent(made, vector, step).as<double>();
    sum += decoded;
    squares += decoded.cwiseAbs2();
    const double error = (decoded - vector.as<double>()).squaredNorm();
    error_sum += error;
    error_squares += error * error;
  }
  Trials trials;
  trials.mean = sum / kEncodings;
  trials.deviation_of_mean = ((squares / kEncodings - trials.mean.cwiseAbs2()).cwiseMax(0) / kEncodings).cwiseSqrt();
  trials.squared_error = error_sum / kEncodings;
  trials.deviation_of_error =
      std::sqrt((error_squares / kEncodings - trials.squared_error * trials.squared_error) / kEncodings);
  return trials;
}

void expect_unbiased(const Trials& trials, const Snapshot& vector, const std::string& what) {
  const auto x = vector.as<double>();
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    // An element that is sent to the same number every time is only rounded.
    EXPECT_NEAR(trials.mean(i), x(i), kSigmas * trials.deviation_of_mean(i) + 1e-6 * x.norm()) << what << " " << i;
  }
}

TEST(Qsgd, IsUnbiasedAndWithinItsVariance) {
  const Snapshot vector = snapshot<double>(normal_vector<double>(60, 1));
  const double squares = vector.as<double>().squaredNorm();
  for (const double s : {1.0, 3.0, 10.0, 127.0}) {
    const auto made = compressor("qsgd", {{"levels", std::to_string(static_cast<int>(s))}});
    const Trials trials = run_trials(*made, vector);
    expect_unbiased(trials, vector, std::to_string(s));
    // Lemma 3.1; and the variance itself, that of a coin for each element.
    EXPECT_LE(trials.squared_error, std::min(60 / (s * s), std::sqrt(60.0) / s) * squares) << s;
    double variance = 0;
    for (const double x : vector.as<double>()) {
      const double scaled = s * std::abs(x) / std::sqrt(squares);
      const double up = scaled - std::floor(scaled);
      variance += squares / (s * s) * up * (1 - up);
    }
    EXPECT_NEAR(trials.squared_error, variance, kSigmas * trials.deviation_of_error) << s;
  }
}

TEST(Qsgd, KeepsWhatIsOnALevel) {
  // The norm is 13.
  const Snapshot vector = doubles({-3, 4, 0, 12});
  EXPECT_EQ(values_of(sent(*compressor("qsgd", {{"levels", "13"}}), vector)), values_of(vector));
  EXPECT_EQ(values_of(sent(*compressor("qsgd"), doubles({0, 0, 0}))), (std::vector<double>{0, 0, 0}));
}

TEST(TernGrad, IsUnbiased) {
  const Snapshot vector = snapshot<double>(normal_vector<double>(60, 2));
  const double largest = vector.as<double>().cwiseAbs().maxCoeff();
  const Trials trials = run_trials(*compressor("terngrad"), vector);
  expect_unbiased(trials, vector, "terngrad");
  double variance = 0;
  for (const double x : vector.as<double>()) {
    variance += largest * std::abs(x) - x * x;
  }
  EXPECT_NEAR(trials.squared_error, variance, kSigmas * trials.deviation_of_error);
  for (const double x : values_of(sent(*compressor("terngrad"), vector))) {
    EXPECT_TRUE(x == 0 || std::abs(std::abs(x) / largest - 1) < 1e-7) << x;
  }
}

TEST(TernGrad, ClipsAtStandardDeviations) {
  // The deviation about zero is 5.
  const std::vector<double> values{1, -7, 5, 5};
  const Snapshot vector = doubles(values);
  const auto made = compressor("terngrad", {{"clip", "1"}});
  const Trials trials = run_trials(*made, vector);
  EXPECT_EQ(trials.mean(1), -5);
  EXPECT_EQ(trials.mean(2), 5);
  EXPECT_NEAR(trials.mean(0), 1, kSigmas * trials.deviation_of_mean(0));
  // What has no outliers stays as it is, and so does zero.
  EXPECT_EQ(values_of(sent(*made, doubles({-2, -2}))), (std::vector<double>{-2, -2}));
  EXPECT_EQ(values_of(sent(*made, doubles({0, 0}))), (std::vector<double>{0, 0}));
}

TEST(Sign, IsScaledByTheMeanMagnitude) {
  EXPECT_EQ(values_of(sent(*compressor("sign"), doubles({3, -1, 0, -4}))), (std::vector<double>{2, -2, 2, -2}));
}

std::vector<double> combined(const Compressor& made, const std::vector<std::vector<double>>& vectors) {
  const Part part{0, vectors.front().size()};
  std::vector<Snapshot> words;
  words.reserve(vectors.size());
  for (const std::vector<double>& vector : vectors) {
    words.push_back(made.encode(doubles(vector), {}, {part, words.size(), 0}).words);
  }
  return values_of(made.combine(words, part, Precision::double_precision));
}

TEST(Sign, MajorityVote) {
  const std::vector<std::vector<double>> vectors{{1, 1, -1, -1}, {2, 2, -2, 2}, {6, -6, 6, -6}};
  EXPECT_EQ(combined(*compressor("sign"), vectors), (std::vector<double>{9, -3, 3, -5}));
  // The scales add up to 9, whoever was outvoted.
  const auto vote = compressor("sign", {{"majority-vote", "yes"}});
  EXPECT_EQ(combined(*vote, vectors), (std::vector<double>{9, 9, -9, -9}));
  // A tie, and a vector without a vote.
  EXPECT_EQ(combined(*vote, {{1, 1}, {1, -1}}), (std::vector<double>{2, 0}));
  EXPECT_EQ(combined(*vote, {{0, 0}, {1, -1}}), (std::vector<double>{1, -1}));
}

TEST(OneBit, SendsTheMeansOfBothSides) {
  EXPECT_EQ(values_of(sent(*compressor("one-bit"), doubles({3, -1, 0, -4, 6}))),
            (std::vector<double>{3, -2.5, 3, -2.5, 3}));
  EXPECT_EQ(values_of(sent(*compressor("one-bit"), doubles({-3, -1}))), (std::vector<double>{-2, -2}));
}

/// Means of each side are the least squared error of two values parted at zero.
TEST(OneBit, IsNoWorseThanTheScaledSign) {
  const Snapshot vector = snapshot<double>(normal_vector<double>(500, 3).array() + 0.3);
  EXPECT_LT(squared_distance(sent(*compressor("one-bit"), vector), vector),
            squared_distance(sent(*compressor("sign"), vector), vector));
}

}  // namespace
}  // namespace descent
