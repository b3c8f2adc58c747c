// Fits of y = a u + c v in pieces, against lines that are known.
#include "sim/calibration/piecewise.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

/// u = 1, v = key; three observations of each power of two.
template <class F>
std::vector<Observed> observe(F y, double noise = 0) {
  std::vector<Observed> all;
  int number = 0;
  for (double key = 8; key <= (1 << 20); key *= 2) {
    for (int i = 0; i < 3; ++i) {
      const double sign = noise * std::sin(12.9898 * ++number);
      all.push_back({key, 1, key, y(key) * (1 + sign)});
    }
  }
  return all;
}

TEST(Piecewise, FindsOneLine) {
  const auto pieces = fit_pieces(observe([](double n) { return 50e-6 + n / 1e9; }), 5);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_NEAR(pieces[0].a, 50e-6, 1e-12);
  EXPECT_NEAR(pieces[0].c, 1e-9, 1e-17);
}

TEST(Piecewise, FindsWhereALineBreaks) {
  const auto line = [](double n) { return n <= 4096 ? 10e-6 + n / 1e8 : 100e-6 + n / 1e9; };
  const auto pieces = fit_pieces(observe(line, 0.01), 5);
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[0].above, 0);
  EXPECT_EQ(pieces[1].above, 4096);
  EXPECT_NEAR(pieces[0].a / 10e-6, 1, 0.02);
  EXPECT_NEAR(pieces[0].c * 1e8, 1, 0.02);
  EXPECT_NEAR(pieces[1].a / 100e-6, 1, 0.02);
  EXPECT_NEAR(pieces[1].c * 1e9, 1, 0.02);
}

TEST(Piecewise, NoiseIsNoBreak) {
  EXPECT_EQ(fit_pieces(observe([](double n) { return 50e-6 + n / 1e9; }, 0.05), 5).size(), 1U);
}

TEST(Piecewise, OutliersHardlyMoveAPiece) {
  auto all = observe([](double n) { return 50e-6 + n / 1e9; }, 0.01);
  for (std::size_t i = 0; i < all.size(); i += 10) {
    all[i].y *= 20;
  }
  const Piece piece = fit_piece(all);
  EXPECT_NEAR(piece.a / 50e-6, 1, 0.03);
  EXPECT_NEAR(piece.c * 1e9, 1, 0.03);
}

TEST(Piecewise, CoefficientsAreNeverNegative) {
  std::vector<Observed> all;
  for (double key = 8192; key <= (1 << 20); key *= 2) {
    all.push_back({key, 1, key, key / 1e9 - 5e-6});
  }
  const Piece piece = fit_piece(all);
  EXPECT_EQ(piece.a, 0);
  EXPECT_GT(piece.c, 0.3e-9);
  EXPECT_LT(piece.c, 1e-9);
}

TEST(Piecewise, FewKeysAreOnePiece) {
  const std::vector<Observed> two = {{8, 1, 8, 1e-3}, {16, 1, 16, 2e-3}};
  EXPECT_EQ(fit_pieces(two, 5).size(), 1U);
}

}  // namespace
}  // namespace descent
