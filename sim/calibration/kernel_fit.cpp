#include "sim/calibration/kernel_fit.hpp"

#include "sim/calibration/medians.hpp"

#include <fmt/format.h>

#include <string>
#include <tuple>

namespace descent {
namespace {

using Kind = std::tuple<std::string, std::string, double, std::uint64_t>;  // host, kernel, flops, size

/// Of what takes the median time: an amount a second.
Estimate rate_of(double amount, const std::map<int, std::vector<double>>& rounds) {
  std::vector<double> all;
  std::vector<double> of_rounds;
  for (const auto& [round, seconds] : rounds) {
    all.insert(all.end(), seconds.begin(), seconds.end());
    of_rounds.push_back(amount / median_of(seconds));
  }
  return estimate(amount / median_of(std::move(all)), of_rounds);
}

}  // namespace

std::map<std::string, HostKernels> fit_kernels(const KernelMeasurements& measurements) {
  std::map<Kind, std::map<int, std::vector<double>>> seconds;
  for (const KernelPoint& point : measurements.points) {
    const std::string& host = measurements.hosts[static_cast<std::size_t>(point.rank)];
    seconds[{host, point.kernel, point.flops, point.size}][point.round].push_back(point.seconds);
  }
  std::map<std::string, HostKernels> hosts;
  for (const auto& [kind, rounds] : seconds) {
    const auto& [host, kernel, flops, size] = kind;
    HostKernels& known = hosts[host];
    if (kernel == kStore) {
      known.write = rate_of(static_cast<double>(size), rounds);
    } else if (kernel == kRecall) {
      known.read = rate_of(static_cast<double>(size), rounds);
    } else if (auto& sizes = known.rates[kernel]; sizes.empty() || sizes.back().flops < flops) {
      sizes.push_back({size, flops, rate_of(flops, rounds)});
    }
  }
  return hosts;
}

namespace {

/// Six digits tell more than was measured.
double legible(double value) {
  return std::stod(fmt::format("{:.6g}", value));
}

}  // namespace

KernelRate to_rate(const std::vector<RatedSize>& sizes) {
  std::vector<KernelRate::Point> points;
  points.reserve(sizes.size());
  for (const RatedSize& size : sizes) {
    points.push_back({legible(size.flops), legible(size.rate.value)});
  }
  return KernelRate(std::move(points));
}

}  // namespace descent
