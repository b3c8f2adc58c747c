#pragma once

#include <cstddef>
#include <memory>

namespace descent {

/// Uninitialized memory for a vector, aligned to 64 bytes. When the last pointer goes, the memory is kept for the next
/// vector of the same size: a run makes a gradient of the same size at every step, and fresh pages from the system cost
/// as much as a good part of the gradient. At most kMostKept bytes are kept. Thread-safe.
std::shared_ptr<std::byte> recycled_memory(std::size_t bytes);

inline constexpr std::size_t kMostKept = std::size_t{256} << 20U;

}  // namespace descent
