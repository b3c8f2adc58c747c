#pragma once

#include "algorithms/strategies/strategy.hpp"

#include <optional>

namespace descent {

/// Synchronous replicas (Goyal et al. 2017): every rank computes a gradient, a collective sums them, and every
/// rank applies the same update ḡ = 1/P Σ g_k to its own copy of the parameters. With buckets, parts of the gradients
/// are summed while the backward pass goes on.
class Allreduce final : public Strategy {
 public:
  Allreduce(Cast cast, CollectiveChoice collective, std::optional<double> bucket_bytes = {})
      : cast_(cast), collective_(std::move(collective)), bucket_bytes_(bucket_bytes) {}
  void run(Communicator& communicator, Learner& learner) const override;

 private:
  Cast cast_;
  CollectiveChoice collective_;
  std::optional<double> bucket_bytes_;
};

}  // namespace descent
