#pragma once

#include <vector>

namespace descent {

/// A parameter, and where it is likely to be found when all is measured again.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// Where a value is to be expected when it is measured once more as in each of the rounds: the prediction interval of
/// probability 99 % for a normal variable, and never less than 0.5 % of the value on both sides.
/// Precondition: two rounds at least.
Estimate estimate(double value, const std::vector<double>& rounds);

}  // namespace descent
