#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace descent {

/// How many bytes of gradients a simulation holds at once. A thousand synchronous workers hand theirs over at about the
/// same simulated time; those that find no room here are computed when they are summed, one at a time on each thread.
/// Which they are makes no difference to any result. Thread-safe.
class GradientMemory {
 public:
  /// Enough for what takes long to compute to be under way on all processors meanwhile, and little beside what such a
  /// run needs anyway.
  static constexpr std::size_t kDefault = std::size_t{256} << 20U;

  explicit GradientMemory(std::size_t bytes) : free_(std::make_shared<std::atomic<std::size_t>>(bytes)) {}

  /// Room that is given back when the last pointer to it goes, which may be after the end of this object; nothing where
  /// there is too little.
  std::shared_ptr<const void> reserve(std::size_t bytes);

 private:
  std::shared_ptr<std::atomic<std::size_t>> free_;
};

}  // namespace descent
