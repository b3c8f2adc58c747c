#pragma once

#include "algorithms/strategies/strategy.hpp"

namespace descent {

/// Synchronous replicas (Goyal et al. 2017): every rank computes a gradient, a collective sums them, and every
/// rank applies the same update ḡ = 1/P Σ g_k to its own copy of the parameters.
class Allreduce final : public Strategy {
 public:
  Allreduce(Cast cast, std::string collective) : cast_(cast), collective_(std::move(collective)) {}
  void run(Communicator& communicator, Learner& learner) const override;

 private:
  Cast cast_;
  std::string collective_;
};

}  // namespace descent
