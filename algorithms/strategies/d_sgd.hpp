#pragma once

#include "algorithms/strategies/strategy.hpp"

namespace descent {

/// Distributed SGD with a centre (Zinkevich et al. 2010 in its synchronous form; Dekel et al. 2012): every worker
/// sends its gradient to the server, which averages ḡ = 1/P Σ g_k in rank order, updates and sends the new
/// parameters to all.
class DistributedSgd final : public Strategy {
 public:
  /// `compressor`: of gradients; nullptr: they are sent as they are.
  explicit DistributedSgd(Cast cast, std::shared_ptr<const Compressor> compressor = nullptr)
      : cast_(cast), compressor_(std::move(compressor)) {}
  void run(Communicator& communicator, Learner& learner) const override;

 private:
  void serve(Communicator& communicator, Learner& learner) const;
  void work(Communicator& communicator, Learner& learner) const;

  Cast cast_;
  std::shared_ptr<const Compressor> compressor_;
};

}  // namespace descent
