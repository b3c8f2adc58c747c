#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace descent {

/// An observation of y = a · u + c · v + error, the error in proportion to y. `key` orders observations: the size of
/// the message.
struct Observed {
  double key = 0;
  double u = 0;
  double v = 0;
  double y = 0;
};

/// The model with these coefficients, both ≥ 0, for keys above `above`.
struct Piece {
  double above = 0;
  double a = 0;
  double c = 0;
};

/// Fits one piece by iteratively reweighted least squares of relative errors with Huber's loss (Huber, Robust
/// Estimation of a Location Parameter, 1964), k = 1.345 · the residuals' scale. Precondition: there are observations.
Piece fit_piece(std::span<const Observed> observations);

/// Cuts the keys into at most `most` pieces where that explains more than its parameters cost: dynamic programming over
/// the cuts (Bellman 1961), a Bayesian information criterion over their number,
/// stricter than Schwarz's because the cuts are chosen. A piece has at least three different
/// keys. Observations are in the order of their keys.
std::vector<Piece> fit_pieces(std::span<const Observed> observations, std::size_t most);

}  // namespace descent
