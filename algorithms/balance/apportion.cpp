#include "algorithms/balance/apportion.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace descent {
namespace {

/// Shares before rounding: λ · weight within the bounds, which add up to the total. What is beyond a bound is fixed at
/// it, on the side that decides the sign of what is left over, until nothing is beyond.
std::vector<double> quotas_of(double total, std::span<const double> weights, std::span<const Bounds> bounds) {
  std::vector<double> quotas(weights.size());
  std::vector<bool> fixed(weights.size(), false);
  for (;;) {
    double left = total;
    double weight = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      left -= fixed[i] ? quotas[i] : 0;
      weight += fixed[i] ? 0 : weights[i];
    }
    // How much clamping to each side would take and give.
    double raised = 0;
    double lowered = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (!fixed[i]) {
        quotas[i] = left * (weights[i] / weight);
        raised += std::max(0.0, static_cast<double>(bounds[i].least) - quotas[i]);
        lowered += std::max(0.0, quotas[i] - static_cast<double>(bounds[i].most));
      }
    }
    if (raised == 0 && lowered == 0) {
      return quotas;
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const auto least = static_cast<double>(bounds[i].least);
      const auto most = static_cast<double>(bounds[i].most);
      const bool beyond = raised >= lowered ? quotas[i] < least : quotas[i] > most;
      if (!fixed[i] && beyond) {
        quotas[i] = raised >= lowered ? least : most;
        fixed[i] = true;
      }
    }
    if (std::all_of(fixed.begin(), fixed.end(), [](bool one) { return one; })) {
      return quotas;
    }
  }
}

}  // namespace

std::vector<std::size_t> apportion(std::size_t total, std::span<const double> weights, std::span<const Bounds> bounds) {
  const std::vector<double> quotas = quotas_of(static_cast<double>(total), weights, bounds);
  std::vector<std::size_t> shares;
  shares.reserve(quotas.size());
  std::size_t given = 0;
  for (std::size_t i = 0; i < quotas.size(); ++i) {
    shares.push_back(std::clamp(static_cast<std::size_t>(quotas[i]), bounds[i].least, bounds[i].most));
    given += shares.back();
  }
  std::vector<std::size_t> order(quotas.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto remainder = [&](std::size_t i) { return quotas[i] - static_cast<double>(shares[i]); };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainder(a) > remainder(b); });
  // Rounding may leave a quota of 4 as 3.999… or make it 4.000…1, so more than one turn, or a step back, is possible.
  while (given < total) {
    const std::size_t before = given;
    for (const std::size_t i : order) {
      if (given < total && shares[i] < bounds[i].most) {
        ++shares[i];
        ++given;
      }
    }
    if (given == before) {
      throw std::logic_error("more to divide than the bounds allow");
    }
  }
  while (given > total) {
    const std::size_t before = given;
    for (std::size_t last = order.size(); last > 0; --last) {
      const std::size_t i = order[last - 1];
      if (given > total && shares[i] > bounds[i].least) {
        --shares[i];
        --given;
      }
    }
    if (given == before) {
      throw std::logic_error("less to divide than the bounds allow");
    }
  }
  return shares;
}

}  // namespace descent
