#pragma once

#include "algorithms/optimizers/optimizer.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace descent {

/// An update that several replicas want: computed by whoever asks first.
class SharedUpdate {
 public:
  explicit SharedUpdate(std::function<OptimizerState()> compute) : compute_(std::move(compute)) {}

  /// Computes it, or waits for who does. Thread-safe.
  const OptimizerState& value();
  /// True from the second time on: somebody else has been given this to compute.
  bool begun() { return begun_.exchange(true); }

 private:
  std::function<OptimizerState()> compute_;
  std::atomic<bool> begun_ = false;
  std::once_flag once_;
  OptimizerState value_;
};

/// A vector that several replicas want: computed by whoever asks first.
class SharedVector {
 public:
  /// Computes it, or waits for who does. Thread-safe.
  const Snapshot& value(const std::function<Snapshot()>& compute) {
    std::call_once(once_, [&] { value_ = compute(); });
    return value_;
  }

 private:
  std::once_flag once_;
  Snapshot value_;
};

/// Replicas that apply the same sum to the same parameters, or put the same parts together, share one result, so that a
/// thousand of them in one process cost one update and one copy. Thread-safe.
class Replicas {
 public:
  /// The update of `state` along `sum` at a step; `make` gives its computation where nobody has asked for it before. It
  /// is forgotten when nobody holds the sum any more.
  std::shared_ptr<SharedUpdate> find(const OptimizerState& state, const Snapshot& sum, std::uint64_t step,
                                     const std::function<std::function<OptimizerState()>()>& make);

  /// `join`.
  Snapshot join(std::span<const Snapshot> parts);
  /// What `compute` makes of these vectors, the same for whoever asks. It is forgotten when nobody holds one of them
  /// any more.
  Snapshot once(std::span<const Snapshot> of, const std::function<Snapshot()>& compute);

 private:
  struct Known {
    Snapshot::Identity parameters;
    Snapshot::Identity sum;
    std::uint64_t step;
    std::shared_ptr<SharedUpdate> update;
  };
  std::mutex mutex_;
  std::vector<Known> known_;
  struct Made {
    std::vector<Snapshot::Identity> of;
    std::shared_ptr<SharedVector> vector;
  };
  std::vector<Made> made_;
};

}  // namespace descent
