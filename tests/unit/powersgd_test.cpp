#include "tests/support/data.hpp"
#include "tests/unit/compression_helpers.hpp"

#include <Eigen/SVD>
#include <cmath>

namespace descent {
namespace {

using MatrixD = Matrix<double>;

MatrixD normal_matrix(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  return normal_vector<double>(static_cast<std::size_t>(rows * columns), seed).reshaped(rows, columns);
}

MatrixD of_rank(Eigen::Index rows, Eigen::Index columns, Eigen::Index rank, std::uint64_t seed) {
  return normal_matrix(rows, rank, seed) * normal_matrix(rank, columns, seed + 1);
}

Snapshot flat(const MatrixD& matrix) {
  return snapshot<double>(matrix.reshaped());
}

double relative_error(const Snapshot& approximation, const MatrixD& matrix) {
  return std::sqrt(squared_distance(approximation, flat(matrix))) / matrix.norm();
}

TEST(PowerSgd, IsExactUpToItsRank) {
  for (const auto& [rows, columns] : {std::pair(20, 30), std::pair(50, 8), std::pair(9, 100)}) {
    const Tensor tensors[] = {{static_cast<std::size_t>(rows), static_cast<std::size_t>(columns), 0}};
    const auto made = compressor("powersgd", {{"rank", "3"}}, tensors);
    for (const Eigen::Index rank : {1, 2, 3}) {
      const MatrixD matrix = of_rank(rows, columns, rank, 5);
      EXPECT_LT(relative_error(sent(*made, flat(matrix)), matrix), 1e-5) << rows << " " << columns << " " << rank;
    }
    EXPECT_GT(relative_error(sent(*made, flat(of_rank(rows, columns, 4, 5))), of_rank(rows, columns, 4, 5)), 0.01);
    EXPECT_EQ(relative_error(sent(*made, flat(MatrixD::Zero(rows, columns))), MatrixD::Ones(rows, columns)), 1);
  }
}

TEST(PowerSgd, SendsVectorsAndSmallMatricesWhole) {
  const Tensor tensors[] = {{12, 10, 0}, {12, 1, 0}, {2, 3, 0}};
  const auto made = compressor("powersgd", {{"rank", "2"}}, tensors);
  const Vector<float> values = normal_vector<float>(138, 2);
  const Snapshot decoded = sent(*made, snapshot<float>(values));
  EXPECT_EQ(decoded.slice(120, 18).digest(), snapshot<float>(values.segment(120, 18)).digest());
}

/// Step by step the subspace turns towards the largest singular vectors.
TEST(PowerSgd, WarmStartComesToTheBestApproximation) {
  const MatrixD matrix = of_rank(30, 20, 6, 3);
  const Tensor tensors[] = {{30, 20, 0}};
  const auto made = compressor("powersgd", {{"rank", "2"}}, tensors);
  const Part part{0, 600};
  const Vector<double> singular = Eigen::JacobiSVD<MatrixD>(matrix).singularValues();
  const double best = singular.tail(18).norm() / matrix.norm();
  CompressorState state;
  std::vector<double> errors;
  for (std::uint64_t step = 0; step < 40; ++step) {
    Encoded encoded = made->encode(flat(matrix), std::move(state), {part, 0, step});
    state = std::move(encoded.state);
    errors.push_back(relative_error(made->decode(encoded.words, part, Precision::double_precision), matrix));
    EXPECT_GE(errors.back(), best * (1 - 1e-6));
  }
  EXPECT_GT(errors.front(), 1.05 * best);
  EXPECT_LT(errors.back(), 1.001 * best);
}

/// A gradient of zero, or of low rank, leaves no direction behind that could never be found again.
TEST(PowerSgd, RecoversItsRankAfterAMatrixOfLowRank) {
  const Tensor tensors[] = {{30, 20, 0}};
  const auto made = compressor("powersgd", {{"rank", "3"}}, tensors);
  const Part part{0, 600};
  MatrixD single = MatrixD::Zero(30, 20);
  single(4, 7) = 1;
  for (const MatrixD& first : {MatrixD(MatrixD::Zero(30, 20)), single}) {
    CompressorState state = made->encode(flat(first), {}, {part, 0, 0}).state;
    const MatrixD matrix = of_rank(30, 20, 3, 8);
    const Encoded encoded = made->encode(flat(matrix), std::move(state), {part, 0, 1});
    EXPECT_LT(relative_error(made->decode(encoded.words, part, Precision::double_precision), matrix), 1e-5);
  }
}

/// The sum of the ranks' compact values in each stage.
Snapshot total_of(const std::vector<CompactSum>& sums) {
  Snapshot total = sums.front().own;
  for (std::size_t rank = 1; rank < sums.size(); ++rank) {
    total = sum(total, sums[rank].own);
  }
  return total;
}

/// Two matrices of full rank whose sum has rank 2: exact as a sum, although neither is on its own. What cancels has
/// been rounded to single precision, though.
TEST(PowerSgd, CompressesTheSumOfAllRanks) {
  const Tensor tensors[] = {{30, 20, 0}, {30, 1, 0}};
  const Part part{0, 630};
  const MatrixD noise = normal_matrix(30, 20, 1);
  const MatrixD low = of_rank(30, 20, 2, 4);
  std::vector<Vector<double>> vectors(2, Vector<double>::Ones(630));
  vectors[0].head(600) = (low + noise).reshaped();
  vectors[1].head(600) = (low - noise).reshaped();
  for (const Given& given : {Given{{"rank", "2"}}, Given{{"rank", "2"}, {"error-feedback", "yes"}}}) {
    const auto made = compressor("powersgd", given, tensors);
    ASSERT_EQ(made->stages(), 2U);
    EXPECT_EQ(made->compact_size(part, 0), 60U);
    EXPECT_EQ(made->compact_size(part, 1), 40U + 30U);
    std::vector<CompactSum> sums;
    for (std::uint64_t rank = 0; rank < 2; ++rank) {
      sums.push_back(made->begin_sum(snapshot<double>(vectors[rank]), {}, {part, rank, 0}));
    }
    for (std::size_t stage = 0; stage < 2; ++stage) {
      const Snapshot total = total_of(sums);
      for (CompactSum& one : sums) {
        one = made->end_stage(std::move(one), total);
      }
    }
    const Snapshot expanded = made->expand(sums[0].sums, part, 0, Precision::double_precision);
    EXPECT_EQ(made->expand(sums[1].sums, part, 0, Precision::double_precision).digest(), expanded.digest());
    EXPECT_LT(relative_error(expanded.slice(0, 600), 2 * low), 1e-4);
    EXPECT_EQ(values_of(expanded.slice(600, 30)), std::vector<double>(30, 2));
    std::vector<CompressorState> states;
    states.reserve(sums.size());
    for (CompactSum& one : sums) {
      states.push_back(made->end_sum(std::move(one)));
    }
    // All ranks begin the next step alike. What they did not send is the noise, which cancels.
    EXPECT_EQ(states[0].memory[0].digest(), states[1].memory[0].digest());
    if (given.contains("error-feedback")) {
      EXPECT_GT(states[0].residual.as<double>().norm(), 0.5 * noise.norm());
      const Vector<double> rest = states[0].residual.as<double>() + states[1].residual.as<double>();
      EXPECT_LT(rest.norm(), 1e-4 * low.norm());
    }
  }
}

TEST(PowerSgd, TakesPartsOfWholeTensors) {
  const Tensor tensors[] = {{30, 20, 0}, {30, 1, 0}, {8, 30, 0}};
  const auto made = compressor("powersgd", {}, tensors);
  const std::vector<Part> good{{0, 600}, {600, 270}};
  made->check(good);
  // A part alone gives the same as within the whole.
  const Snapshot vector = snapshot<double>(normal_vector<double>(870, 1));
  const Snapshot all = sent(*made, vector);
  for (const Part& part : good) {
    const Encoded encoded = made->encode(vector.slice(part.begin, part.count), {}, {part, 0, 0});
    EXPECT_EQ(made->decode(encoded.words, part, Precision::double_precision).digest(),
              all.slice(part.begin, part.count).digest());
  }
  const Part halves[] = {{0, 435}, {435, 435}};
  EXPECT_EQ(test::input_error_of([&] { made->check(halves); }),
            "compression 'powersgd' takes whole tensors, and here one of 30 x 20 parameters is cut; allowed: another "
            "compression, or parts that end where tensors do");
  EXPECT_NE(test::input_error_of([&] {
              made->check(std::vector<Part>{{0, 625}, {625, 245}});
            }).find("30 x 1 "),
            std::string::npos);
  const Part cut{0, 435};
  EXPECT_THROW(made->encode(vector.slice(0, 435), {}, {cut, 0, 0}), std::logic_error);
}

}  // namespace
}  // namespace descent
