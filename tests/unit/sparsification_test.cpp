// Compressions that send some elements as they are: top-k, random-k, dgc.
#include "tests/unit/compression_helpers.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace descent {
namespace {

/// What top-k sends, by sorting.
std::vector<double> reference_top_k(const std::vector<double>& values, std::size_t k) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return std::abs(values[a]) > std::abs(values[b]); });
  std::vector<double> sent_values(values.size(), 0);
  for (std::size_t i = 0; i < std::min(k, values.size()); ++i) {
    sent_values[order[i]] = values[order[i]];
  }
  return sent_values;
}

/// Normal numbers, and numbers of which many are equal.
TEST(TopK, SendsTheLargestAndOfEqualOnesTheFirst) {
  for (const std::size_t d : {1U, 2U, 10U, 100U, 5000U}) {
    const Vector<float> spread = normal_vector<float>(d, d);
    const Vector<float> equal = (4 * spread).array().round();
    for (const Vector<float>& values : {spread, equal, Vector<float>(Vector<float>::Constant(spread.size(), -1))}) {
      for (const std::size_t k : {std::size_t{1}, std::size_t{2}, d / 3, d - 1, d}) {
        if (k == 0) {
          continue;
        }
        const auto made = compressor("top-k", {{"k", std::to_string(k)}});
        const std::vector<double> expected = reference_top_k({values.begin(), values.end()}, k);
        EXPECT_EQ(values_of(sent(*made, snapshot<float>(values))), expected) << d << " " << k;
        const Snapshot doubled = snapshot<double>(values.cast<double>());
        EXPECT_EQ(values_of(sent(*made, doubled)), expected) << d << " " << k;
      }
    }
  }
}

/// In whole numbers, so that nothing is rounded: d ‖x − C(x)‖² ≤ (d − k) ‖x‖².
TEST(TopK, LosesNoMoreThanItsShareOfTheSquares) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    for (const double scale : {0.0, 3.0, 100.0}) {
      const Vector<double> values = (scale * normal_vector<double>(200, seed)).array().round() + 1;
      for (const int k : {1, 20, 100, 199, 200}) {
        const Snapshot vector = snapshot<double>(values);
        const double error = squared_distance(sent(*compressor("top-k", {{"k", std::to_string(k)}}), vector), vector);
        EXPECT_LE(200 * error, (200 - k) * values.squaredNorm()) << k;
      }
    }
  }
}

TEST(RandomK, ChoosesEverySetAsOften) {
  const auto made = compressor("random-k", {{"k", "2"}});
  std::map<std::vector<bool>, int> counts;
  constexpr int kTrials = 10000;
  for (std::uint64_t step = 0; step < kTrials; ++step) {
    std::vector<bool> chosen;
    for (const double x : values_of(sent(*made, doubles({1, 1, 1, 1, 1}), step))) {
      chosen.push_back(x != 0);
    }
    ++counts[chosen];
  }
  // Ten sets: chi-squared of 9 degrees of freedom, which is below this at a level of 99.9 %.
  EXPECT_EQ(counts.size(), 10U);
  double chi_squared = 0;
  for (const auto& [set, count] : counts) {
    chi_squared += std::pow(count - kTrials / 10.0, 2) / (kTrials / 10.0);
  }
  EXPECT_LT(chi_squared, 27.88);
}

/// Scaled, the mean over all sets is the vector; unscaled the mean error is (1 − k/d) ‖x‖².
TEST(RandomK, IsUnbiasedWhereItIsScaled) {
  const std::vector<double> x{8, -4, 2, 1};
  const auto scaled = compressor("random-k", {{"k", "1"}});
  const auto plain = compressor("random-k", {{"k", "1"}, {"error-feedback", "yes"}});
  std::vector<bool> seen(4, false);
  for (std::uint64_t step = 0; step < 100; ++step) {
    const std::vector<double> scaled_values = values_of(sent(*scaled, doubles(x), step));
    const std::vector<double> plain_values = values_of(sent(*plain, doubles(x), step));
    for (std::size_t i = 0; i < 4; ++i) {
      seen[i] = seen[i] || plain_values[i] != 0;
      EXPECT_EQ(scaled_values[i], 4 * plain_values[i]);
      EXPECT_TRUE(plain_values[i] == 0 || plain_values[i] == x[i]);
    }
    EXPECT_EQ(std::count(plain_values.begin(), plain_values.end(), 0), 3);
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 4);
}

TEST(RandomK, SumsOfCompactValuesAreSumsOfVectors) {
  const Part part{100, 1000};
  for (const Given& given : {Given{{"ratio", "0.05"}}, Given{{"ratio", "0.05"}, {"error-feedback", "yes"}}}) {
    const auto made = compressor("random-k", given);
    ASSERT_EQ(made->stages(), 1U);
    EXPECT_EQ(made->compact_size(part, 0), 50U);
    std::vector<CompressorState> summed(3);
    std::vector<CompressorState> encoded(3);
    for (std::uint64_t step = 0; step < 4; ++step) {
      Snapshot total = Buffer::zeros(Precision::single_precision, 50).freeze();
      std::vector<CompactSum> sums;
      std::vector<Snapshot> words;
      for (std::uint64_t rank = 0; rank < 3; ++rank) {
        // Whole numbers, which sums round in no order.
        const Snapshot vector =
            snapshot<double>((100 * normal_vector<double>(1000, 10 * step + rank)).array().round().matrix());
        Encoded one = made->encode(vector, std::move(encoded[rank]), {part, rank, step});
        words.push_back(one.words);
        encoded[rank] = std::move(one.state);
        sums.push_back(made->begin_sum(vector, std::move(summed[rank]), {part, rank, step}));
        total = sum(total, sums.back().own);
      }
      const Snapshot expected = made->combine(words, part, Precision::double_precision);
      for (std::uint64_t rank = 0; rank < 3; ++rank) {
        const CompactSum over = made->end_stage(std::move(sums[rank]), total);
        EXPECT_EQ(values_of(made->expand(over.sums, part, step, Precision::double_precision)), values_of(expected));
        summed[rank] = made->end_sum(over);
        EXPECT_EQ(values_of(summed[rank].residual), values_of(encoded[rank].residual));
      }
    }
  }
}

/// Three steps by hand, with m = 1/2 and k = 1.
TEST(Dgc, FollowsTheAlgorithm) {
  const auto made = compressor("dgc", {{"k", "1"}, {"momentum", "0.5"}});
  CompressorState state;
  const auto step = [&](const std::vector<double>& gradient) {
    const Part part{0, 4};
    Encoded encoded = made->encode(doubles(gradient), std::move(state), {part, 0, 0});
    state = std::move(encoded.state);
    return values_of(made->decode(encoded.words, part, Precision::double_precision));
  };
  using Values = std::vector<double>;
  // u = v = g; the first is sent and forgotten.
  EXPECT_EQ(step({4, 1, -2, 0}), (Values{4, 0, 0, 0}));
  EXPECT_EQ(values_of(state.memory[0]), (Values{0, 1, -2, 0}));
  EXPECT_EQ(values_of(state.memory[1]), (Values{0, 1, -2, 0}));
  // u = (1, 1.5, -2, 0); v = (1, 2.5, -4, 0).
  EXPECT_EQ(step({1, 1, -1, 0}), (Values{0, 0, -4, 0}));
  EXPECT_EQ(values_of(state.memory[0]), (Values{1, 1.5, 0, 0}));
  EXPECT_EQ(values_of(state.memory[1]), (Values{1, 2.5, 0, 0}));
  // u = (0.5, 1.75, 1, 3); v = (1.5, 4.25, 1, 3).
  EXPECT_EQ(step({0, 1, 1, 3}), (Values{0, 4.25, 0, 0}));
  EXPECT_EQ(values_of(state.memory[0]), (Values{0.5, 0, 1, 3}));
  EXPECT_EQ(values_of(state.memory[1]), (Values{1.5, 0, 1, 3}));
}

/// If all is sent, momentum never builds up: it is masked.
TEST(Dgc, MasksTheMomentumOfWhatIsSent) {
  const auto made = compressor("dgc", {{"ratio", "1"}, {"momentum", "0.9"}});
  CompressorState state;
  for (std::uint64_t step = 0; step < 3; ++step) {
    Encoded encoded = made->encode(doubles({1, 2}), std::move(state), {{0, 2}, 0, step});
    state = std::move(encoded.state);
    EXPECT_EQ(values_of(made->decode(encoded.words, {0, 2}, Precision::double_precision)), (std::vector<double>{1, 2}));
  }
}

TEST(Dgc, ClipsToTheRootOfTheSenders) {
  // 5 / √4 = 2.5 is half of the norm; a shorter gradient stays.
  const auto made = compressor("dgc", {{"ratio", "1"}, {"clip-norm", "5"}}, {}, 4);
  EXPECT_EQ(values_of(sent(*made, doubles({3, 4}))), (std::vector<double>{1.5, 2}));
  EXPECT_EQ(values_of(sent(*made, doubles({0.5, 1}))), (std::vector<double>{0.5, 1}));
}

TEST(Dgc, WarmsUpInFourQuarters) {
  const auto bytes = [](const Given& given, std::uint64_t step) {
    return compressor("dgc", given)->encoded_bytes({0, 25600}, step) / 8;
  };
  const Given given{{"ratio", "0.001"}, {"warmup", "40"}};
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected{{0, 6400}, {9, 6400}, {10, 1600}, {20, 400},
                                                                      {30, 100}, {39, 100}, {40, 26},   {1000, 26}};
  for (const auto& [step, count] : expected) {
    EXPECT_EQ(bytes(given, step), count) << step;
  }
  EXPECT_EQ(bytes({{"k", "1000"}, {"warmup", "40"}}, 15), 1600U);
  EXPECT_EQ(bytes({{"k", "1000"}, {"warmup", "40"}}, 25), 1000U);
  // What arrives shows how many were sent.
  const auto made = compressor("dgc", {{"k", "1"}, {"warmup", "4"}});
  const Snapshot vector = doubles({1, 2, 3, 4, 5, 6, 7, 8});
  const std::vector<double> early = values_of(sent(*made, vector, 0));
  EXPECT_EQ(std::count(early.begin(), early.end(), 0), 6);
  const std::vector<double> late = values_of(sent(*made, vector, 4));
  EXPECT_EQ(std::count(late.begin(), late.end(), 0), 7);
}

}  // namespace
}  // namespace descent
