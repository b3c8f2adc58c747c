#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace descent {

/// One measurement of a computation, or of an access to durable memory.
struct KernelPoint {
  /// See kernel_names; or `kStore`, `kRecall`.
  std::string kernel;
  int rank = 0;
  /// Samples of a gradient, elements of a vector, bytes of a store.
  std::uint64_t size = 0;
  /// What it is charged; 0 of durable memory.
  double flops = 0;
  int round = 0;
  /// The median of what was measured in a row.
  double seconds = 0;
};

inline constexpr const char* kStore = "store";
inline constexpr const char* kRecall = "recall";

struct KernelMeasurements {
  /// The host of each rank.
  std::vector<std::string> hosts;
  std::vector<KernelPoint> points;
};

/// A table with a header: kernel, rank, host, size, flops, round, seconds.
std::string to_csv(const KernelMeasurements& measurements);
/// Throws InputError with file and line.
KernelMeasurements read_kernel_measurements(const std::filesystem::path& file);

}  // namespace descent
