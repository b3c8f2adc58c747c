// What was not sent is added to the next.
#include "tests/unit/compression_helpers.hpp"

#include <cmath>

namespace descent {
namespace {

std::shared_ptr<const Compressor> with_feedback(const CompressorRow& row, std::span<const Tensor> tensors) {
  Given given = least_settings(row);
  given["error-feedback"] = "yes";
  return compressor(row.entry.name, given, tensors);
}

/// All that was sent, and what is left, is all that was given: to the rounding of double precision.
TEST(ErrorFeedback, LosesNothing) {
  const Tensor tensors[] = {{20, 15, 0}, {20, 1, 0}};
  const Part part{0, 320};
  for (const CompressorRow& row : compressor_rows()) {
    if (!has_feedback(row)) {
      continue;
    }
    const auto made = with_feedback(row, tensors);
    Vector<double> given = Vector<double>::Zero(320);
    Vector<double> received = Vector<double>::Zero(320);
    CompressorState state;
    for (std::uint64_t step = 0; step < 20; ++step) {
      const Vector<double> vector = normal_vector<double>(320, step);
      Encoded encoded = made->encode(snapshot<double>(vector), std::move(state), {part, 0, step});
      state = std::move(encoded.state);
      given += vector;
      received += made->decode(encoded.words, part, Precision::double_precision).as<double>();
    }
    EXPECT_LT((received + state.residual.as<double>() - given).norm(), 1e-12 * received.norm()) << row.entry.name;
    EXPECT_GT(state.residual.as<double>().norm(), 0) << row.entry.name;
  }
}

/// A contraction ‖x − C(x)‖² ≤ (1 − δ)‖x‖² keeps what is left below 2 √(1 − δ)/δ times the largest that was given
/// (Karimireddy et al. 2019, lemma 3).
TEST(ErrorFeedback, KeepsABoundedRest) {
  const auto made = compressor("top-k", {{"ratio", "0.1"}, {"error-feedback", "yes"}});
  CompressorState state;
  double largest = 0;
  for (std::uint64_t step = 0; step < 300; ++step) {
    const Vector<double> vector = normal_vector<double>(100, step);
    largest = std::max(largest, vector.norm());
    state = made->encode(snapshot<double>(vector), std::move(state), {{0, 100}, 0, step}).state;
    EXPECT_LE(state.residual.as<double>().norm(), 2 * std::sqrt(0.9) / 0.1 * largest);
  }
  EXPECT_GT(state.residual.as<double>().norm(), 0.5 * largest);
}

TEST(ErrorFeedback, ReusesTheMemoryOfItsState) {
  const auto made = compressor("top-k", {{"ratio", "0.1"}, {"error-feedback", "yes"}});
  const Snapshot vector = snapshot<float>(normal_vector<float>(1000, 1));
  CompressorState state = made->encode(vector, {}, {{0, 1000}, 0, 0}).state;
  const std::byte* const memory = state.residual.data();
  state = made->encode(vector, std::move(state), {{0, 1000}, 0, 1}).state;
  EXPECT_EQ(state.residual.data(), memory);
  // Somebody holds the old state, and it stays as it is.
  const CompressorState held = state;
  const std::string digest = held.residual.digest();
  state = made->encode(vector, std::move(state), {{0, 1000}, 0, 2}).state;
  EXPECT_EQ(held.residual.digest(), digest);
  EXPECT_NE(state.residual.digest(), digest);
}

/// Counterexample 3 of Karimireddy et al. 2019: f = (⟨a₁, x⟩² + ⟨a₂, x⟩²)/2 with a = ±(1, −1) + ε(1, 1), ε = ½, one
/// term at a time, from (1, 1). The sign of either gradient is ±(1, −1), so x₁ + x₂ stays 2 and f at least 4ε² = 1.
double loss_after_training(const Compressor& made) {
  const Eigen::Vector2d a[] = {{1.5, -0.5}, {-0.5, 1.5}};
  Eigen::Vector2d x{1, 1};
  CompressorState state;
  RandomStream random(1, Purpose::test);
  for (std::uint64_t step = 0; step < 4000; ++step) {
    const Eigen::Vector2d& one = a[random() % 2];
    const Vector<double> gradient = 2 * one.dot(x) * one;
    Encoded encoded = made.encode(snapshot<double>(gradient), std::move(state), {{0, 2}, 0, step});
    state = std::move(encoded.state);
    x -= 0.05 * made.decode(encoded.words, {0, 2}, Precision::double_precision).as<double>();
  }
  return (std::pow(a[0].dot(x), 2) + std::pow(a[1].dot(x), 2)) / 2;
}

TEST(ErrorFeedback, ConvergesWhereThePlainSignDoesNot) {
  EXPECT_GE(loss_after_training(*compressor("sign")), 1 - 1e-6);
  EXPECT_LT(loss_after_training(*compressor("sign", {{"error-feedback", "yes"}})), 1e-10);
}

}  // namespace
}  // namespace descent
