#include "sim/calibration/piecewise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr std::size_t kKeysOfAPiece = 3;
constexpr double kHuber = 1.345;
/// Relative: below it residuals are not told from noise, and a criterion of their logarithm would chase zero.
constexpr double kNoise = 1e-3;

double residual(const Piece& piece, const Observed& one) {
  return (piece.a * one.u + piece.c * one.v - one.y) / one.y;
}

/// Weighted least squares of relative errors, coefficients at least zero.
Piece solve(std::span<const Observed> observations, std::span<const double> weights) {
  double uu = 0;
  double uv = 0;
  double vv = 0;
  double uy = 0;
  double vy = 0;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const Observed& one = observations[i];
    const double weight = weights[i] / (one.y * one.y);
    uu += weight * one.u * one.u;
    uv += weight * one.u * one.v;
    vv += weight * one.v * one.v;
    uy += weight * one.u * one.y;
    vy += weight * one.v * one.y;
  }
  const double determinant = uu * vv - uv * uv;
  constexpr double kSingular = 1e-12;
  Piece piece;
  if (determinant > kSingular * uu * vv) {
    piece.a = (vv * uy - uv * vy) / determinant;
    piece.c = (uu * vy - uv * uy) / determinant;
  }
  if (determinant <= kSingular * uu * vv || piece.a < 0 || piece.c < 0) {
    const bool by_v = vv > 0 && (uu == 0 || piece.a < 0 || determinant <= kSingular * uu * vv);
    piece.a = by_v ? 0 : uy / uu;
    piece.c = by_v ? vy / vv : 0;
  }
  return piece;
}

double scale_of(std::vector<double> residuals) {
  for (double& one : residuals) {
    one = std::abs(one);
  }
  const auto middle = residuals.begin() + static_cast<std::ptrdiff_t>(residuals.size() / 2);
  std::nth_element(residuals.begin(), middle, residuals.end());
  constexpr double kNormal = 1.4826;  // median absolute deviation of a normal distribution of scale 1, inverted
  return std::max(kNormal * *middle, kNoise);
}

/// Huber's loss of the relative errors, in squares of a common scale, so that pieces can be compared.
double cost_of(std::span<const Observed> observations, const Piece& piece) {
  constexpr double kCap = 0.1;
  double cost = 0;
  for (const Observed& one : observations) {
    const double r = std::abs(residual(piece, one));
    cost += r <= kCap ? r * r : kCap * (2 * r - kCap);
  }
  return cost;
}

}  // namespace

Piece fit_piece(std::span<const Observed> observations) {
  constexpr int kIterations = 20;
  std::vector<double> weights(observations.size(), 1);
  std::vector<double> residuals(observations.size());
  Piece piece;
  for (int i = 0; i < kIterations; ++i) {
    piece = solve(observations, weights);
    std::transform(observations.begin(), observations.end(), residuals.begin(),
                   [&](const Observed& one) { return residual(piece, one); });
    const double limit = kHuber * scale_of(residuals);
    std::transform(residuals.begin(), residuals.end(), weights.begin(),
                   [&](double r) { return std::abs(r) <= limit ? 1 : limit / std::abs(r); });
  }
  return piece;
}

std::vector<Piece> fit_pieces(std::span<const Observed> observations, std::size_t most) {
  // Where each key begins; then the end.
  std::vector<std::size_t> begins;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    if (i == 0 || observations[i].key != observations[i - 1].key) {
      begins.push_back(i);
    }
  }
  begins.push_back(observations.size());
  const std::size_t keys = begins.size() - 1;
  const auto piece_of = [&](std::size_t first, std::size_t end) {
    return observations.subspan(begins[first], begins[end] - begins[first]);
  };
  most = std::max<std::size_t>(1, std::min(most, keys / kKeysOfAPiece));

  // least[n][k]: of the first k keys in n pieces; from[n][k]: where the last of these begins.
  constexpr double kNever = std::numeric_limits<double>::infinity();
  std::vector least(most + 1, std::vector<double>(keys + 1, kNever));
  std::vector from(most + 1, std::vector<std::size_t>(keys + 1, 0));
  least[0][0] = 0;
  for (std::size_t first = 0; first < keys; ++first) {
    for (std::size_t end = first + 1; end <= keys; ++end) {
      if (end - first < kKeysOfAPiece && keys >= kKeysOfAPiece) {
        continue;
      }
      const auto part = piece_of(first, end);
      const double cost = cost_of(part, fit_piece(part));
      for (std::size_t n = 1; n <= most; ++n) {
        if (least[n - 1][first] + cost < least[n][end]) {
          least[n][end] = least[n - 1][first] + cost;
          from[n][end] = first;
        }
      }
    }
  }
  const auto count = static_cast<double>(observations.size());
  std::size_t best = 1;
  double best_criterion = kNever;
  for (std::size_t n = 1; n <= most; ++n) {
    constexpr double kParameters = 3;  // two coefficients and a cut
    constexpr double kReluctance = 3;  // the least of many cuts is less than one of them would be by chance
    const double criterion = count * std::log(least[n][keys] / count + kNoise * kNoise) +
                             kReluctance * kParameters * static_cast<double>(n) * std::log(count);
    if (criterion < best_criterion) {
      best_criterion = criterion;
      best = n;
    }
  }
  std::vector<Piece> pieces(best);
  std::size_t end = keys;
  for (std::size_t n = best; n > 0; --n) {
    const std::size_t first = from[n][end];
    pieces[n - 1] = fit_piece(piece_of(first, end));
    pieces[n - 1].above = first == 0 ? 0 : observations[begins[first] - 1].key;
    end = first;
  }
  return pieces;
}

}  // namespace descent
