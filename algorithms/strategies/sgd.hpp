#pragma once

#include "algorithms/strategies/strategy.hpp"

#include <utility>

namespace descent {

/// One node: x ← x − η g, with the gradient of a mini-batch (`sgd`) or of all samples (`gradient-descent`). The
/// baseline that every comparison needs (Robbins & Monro 1951; Cauchy 1847). With checkpoints a next life goes on from
/// the newest one, through the same batches, so that the same parameters come out.
class Sgd final : public Strategy {
 public:
  explicit Sgd(Recovery recovery) : recovery_(std::move(recovery)) {}
  void run(Communicator& communicator, Learner& learner) const override;

 private:
  Recovery recovery_;
};

}  // namespace descent
