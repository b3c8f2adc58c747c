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

/// Replicas that apply the same sum to the same parameters, or put the same parts together, share one result, so that a
/// thousand of them in one process cost one update and one copy. Thread-safe.
class Replicas {
 public:
  /// The update of `state` along `sum` at a step; `make` gives its computation where nobody has asked for it before. It
  /// is forgotten when nobody holds the sum any more.
  std::shared_ptr<SharedUpdate> find(const OptimizerState& state, const Snapshot& sum, std::uint64_t step,
                                     const std::function<std::function<OptimizerState()>()>& make);

  /// `join`. The newest result is kept, with its parts: nobody updates these in place meanwhile.
  Snapshot join(std::span<const Snapshot> parts);

 private:
  struct Known {
    Snapshot::Identity parameters;
    Snapshot::Identity sum;
    std::uint64_t step;
    std::shared_ptr<SharedUpdate> update;
  };
  std::mutex mutex_;
  std::vector<Known> known_;
  std::vector<Snapshot> parts_;
  Snapshot joined_;
};

}  // namespace descent
