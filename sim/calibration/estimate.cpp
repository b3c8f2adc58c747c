#include "sim/calibration/estimate.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace descent {

Estimate estimate(double value, const std::vector<double>& rounds) {
  constexpr double kLeast = 0.005;
  constexpr double kProbability = 0.995;  // on one side
  const auto count = static_cast<double>(rounds.size());
  const double mean = std::accumulate(rounds.begin(), rounds.end(), 0.0) / count;
  const double squares = std::accumulate(rounds.begin(), rounds.end(), 0.0,
                                         [&](double sum, double one) { return sum + (one - mean) * (one - mean); });
  const double t = quantile(boost::math::students_t(count - 1), kProbability);
  const double half = std::max(kLeast * value, t * std::sqrt(squares / (count - 1)) * std::sqrt(1 + 1 / count));
  return {value, std::max(0.0, value - half), value + half};
}

}  // namespace descent
