#pragma once

#include "algorithms/math/vector.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <utility>

namespace descent {

/// How a deferred vector computes itself. Thread-safe.
class Deferred {
 public:
  explicit Deferred(std::function<Snapshot()> compute) : compute_(std::move(compute)) {}

  bool kept() const { return kept_.load(std::memory_order_acquire); }
  /// Computed by whoever asks first, and kept.
  const Snapshot& keep() {
    std::call_once(once_, [this] {
      value_ = compute_();
      kept_.store(true, std::memory_order_release);
    });
    return value_;
  }
  /// Computed for the caller alone, unless it is kept.
  Snapshot compute() const { return kept() ? value_ : compute_(); }

 private:
  std::function<Snapshot()> compute_;
  std::once_flag once_;
  std::atomic<bool> kept_ = false;
  Snapshot value_;
};

}  // namespace descent
