#pragma once

#include "sim/calibration/estimate.hpp"
#include "sim/calibration/kernel_points.hpp"
#include "sim/rates/kernel_rate.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// flop/s that a kernel reaches on so much.
struct RatedSize {
  std::uint64_t size = 0;
  double flops = 0;
  Estimate rate;
};

/// What was measured of a machine while all its ranks computed.
struct HostKernels {
  /// By the kernel's name, ascending in flops.
  std::map<std::string, std::vector<RatedSize>> rates;
  /// Bytes/s of durable memory.
  std::optional<Estimate> write;
  std::optional<Estimate> read;
};

/// By host: medians over its ranks and all rounds.
std::map<std::string, HostKernels> fit_kernels(const KernelMeasurements& measurements);

KernelRate to_rate(const std::vector<RatedSize>& sizes);

}  // namespace descent
