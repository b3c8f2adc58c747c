#include "sim/record/durations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kBinsPerDoubling = 64;
/// What takes no time has no logarithm.
constexpr int kNoTime = std::numeric_limits<int>::min();

int bin_of(double seconds) {
  return seconds > 0 ? static_cast<int>(std::floor(kBinsPerDoubling * std::log2(seconds))) : kNoTime;
}

}  // namespace

void Durations::add(double seconds) {
  add(bin_of(seconds), {1, seconds});
}

void Durations::add(int bin, const Bin& those) {
  Bin& sum = bins_[bin];
  sum.count += those.count;
  sum.sum_s += those.sum_s;
}

void Durations::add(const Durations& others) {
  for (const auto& [bin, those] : others.bins_) {
    add(bin, those);
  }
}

std::uint64_t Durations::count() const {
  std::uint64_t count = 0;
  for (const auto& [bin, those] : bins_) {
    count += those.count;
  }
  return count;
}

double Durations::mean() const {
  double sum = 0;
  for (const auto& [bin, those] : bins_) {
    sum += those.sum_s;
  }
  return sum / static_cast<double>(count());
}

double Durations::quantile(double q) const {
  const auto rank = static_cast<std::uint64_t>(std::max(1.0, std::ceil(q * static_cast<double>(count()))));
  auto bin = bins_.begin();
  for (std::uint64_t up_to = bin->second.count; up_to < rank; up_to += bin->second.count) {
    ++bin;
  }
  return bin->second.sum_s / static_cast<double>(bin->second.count);
}

}  // namespace descent
