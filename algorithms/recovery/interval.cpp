#include "algorithms/recovery/interval.hpp"

#include <cmath>

namespace descent {

double best_interval(double cost, double mtbf) {
  if (cost >= 2 * mtbf) {
    return mtbf;
  }
  const double part = cost / (2 * mtbf);
  return std::sqrt(2 * cost * mtbf) * (1 + std::sqrt(part) / 3 + part / 9) - cost;
}

double expected_completion(double work, double interval, double cost, double restart, double mtbf) {
  return mtbf * std::exp(restart / mtbf) * std::expm1((interval + cost) / mtbf) * work / interval;
}

}  // namespace descent
