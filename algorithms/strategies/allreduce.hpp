#pragma once

#include "algorithms/strategies/strategy.hpp"

#include <optional>

namespace descent {

/// Synchronous replicas (Goyal et al. 2017): every rank computes a gradient, a collective sums them, and every
/// rank applies the same update ḡ = 1/P Σ g_k to its own copy of the parameters. With buckets, parts of the gradients
/// are summed while the backward pass goes on. With recovery the replicas that are left go on: ElasticAllreduce.
class Allreduce final : public Strategy {
 public:
  /// `compressor`: of gradients; nullptr: they are summed as they are.
  Allreduce(Cast cast, CollectiveChoice collective, std::optional<double> bucket_bytes = {},
            std::shared_ptr<const Compressor> compressor = nullptr, Recovery recovery = {})
      : cast_(cast),
        collective_(std::move(collective)),
        bucket_bytes_(bucket_bytes),
        compressor_(std::move(compressor)),
        recovery_(std::move(recovery)) {}
  void run(Communicator& communicator, Learner& learner) const override;
  double vectors(std::size_t slots) const override;
  std::vector<std::string> faults(const Problem& problem) const override;

 private:
  Cast cast_;
  CollectiveChoice collective_;
  std::optional<double> bucket_bytes_;
  std::shared_ptr<const Compressor> compressor_;
  Recovery recovery_;
};

}  // namespace descent
