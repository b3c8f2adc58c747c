#pragma once

#include <functional>
#include <future>
#include <memory>

namespace descent {

/// Threads that run kernels and evaluations, first come first served. The results do not depend on their
/// number: kernels share nothing but immutable inputs.
class KernelPool {
 public:
  /// `threads` ≥ 1.
  explicit KernelPool(std::size_t threads);
  /// Waits for the kernels that are running; those not yet begun are dropped.
  ~KernelPool();
  KernelPool(const KernelPool&) = delete;
  KernelPool& operator=(const KernelPool&) = delete;

  std::size_t threads() const { return count_; }

  /// An exception of the kernel comes out of the future.
  std::future<void> submit(std::function<void()> kernel);

 private:
  struct Threads;
  std::unique_ptr<Threads> threads_;
  std::size_t count_;
};

}  // namespace descent
