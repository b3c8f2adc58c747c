#include "sim/calibration/kernel_points.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/units.hpp"
#include "algorithms/data/csv_line.hpp"

#include <fmt/format.h>

#include <fstream>

namespace descent {
namespace {

constexpr const char* kHeaderOfKernels = "kernel,rank,host,size,flops,round,seconds";
constexpr std::size_t kColumnsOfKernels = 7;

}  // namespace

std::string to_csv(const KernelMeasurements& measurements) {
  std::string text = std::string(kHeaderOfKernels) + "\n";
  for (const KernelPoint& point : measurements.points) {
    text += fmt::format("{},{},{},{},{:.9g},{},{:.9g}\n", point.kernel, point.rank,
                        measurements.hosts[static_cast<std::size_t>(point.rank)], point.size, point.flops, point.round,
                        point.seconds);
  }
  return text;
}

KernelMeasurements read_kernel_measurements(const std::filesystem::path& file) {
  std::ifstream in(file);
  KernelMeasurements measurements;
  int line = 1;
  const auto refuse = [&](const std::string& what) {
    throw InputError(fmt::format("{}:{}: {}", file.string(), line, what));
  };
  std::string text;
  if (!in) {
    throw InputError(fmt::format("{}: cannot be read", file.string()));
  }
  if (!std::getline(in, text) || text != kHeaderOfKernels) {
    refuse(fmt::format("the first line is to be '{}', as `descent calibrate` writes it", kHeaderOfKernels));
  }
  for (++line; std::getline(in, text); ++line) {
    const auto fields = split_csv_line(text, ',');
    if (!fields || fields->size() != kColumnsOfKernels) {
      refuse(fmt::format("{} fields are needed: {}", kColumnsOfKernels, kHeaderOfKernels));
    }
    constexpr unsigned long long kMostRanks = 100000;
    const auto rank = parse_integer((*fields)[1]);
    const auto size = parse_integer((*fields)[3]);
    const auto flops = parse_real((*fields)[4]);
    const auto round = parse_integer((*fields)[5]);
    const auto seconds = parse_real((*fields)[6]);
    if (!rank || *rank >= kMostRanks || !size || !flops || *flops < 0 || !round || *round > kMostRanks || !seconds ||
        !(*seconds > 0) || (*fields)[0].empty() || (*fields)[2].empty()) {
      refuse("rank, size and round are whole numbers, flops is a number >= 0, seconds one > 0");
    }
    measurements.hosts.resize(std::max(measurements.hosts.size(), static_cast<std::size_t>(*rank) + 1));
    measurements.hosts[*rank] = (*fields)[2];
    measurements.points.push_back(
        {(*fields)[0], static_cast<int>(*rank), *size, *flops, static_cast<int>(*round), *seconds});
  }
  return measurements;
}

}  // namespace descent
