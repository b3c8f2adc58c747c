#pragma once

#include "algorithms/strategies/strategy.hpp"

namespace descent {

/// One node: x ← x − η g, with the gradient of a mini-batch (`sgd`) or of all samples (`gradient-descent`). The
/// baseline that every comparison needs (Robbins & Monro 1951; Cauchy 1847).
class Sgd final : public Strategy {
 public:
  void run(Communicator& communicator, Learner& learner) const override;
};

}  // namespace descent
