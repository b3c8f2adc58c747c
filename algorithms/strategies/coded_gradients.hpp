#pragma once

#include "algorithms/strategies/gradient_code.hpp"
#include "algorithms/strategies/learner.hpp"

#include <map>
#include <optional>
#include <vector>

namespace descent {

/// What a worker of gradient coding computes: the combination of its partitions' gradients that its row of the code
/// says.
class CodedGradient {
 public:
  /// The row must outlive it.
  CodedGradient(const std::vector<GradientCode::Term>& row, int workers, Communicator& communicator, Learner& learner);

  struct Outcome {
    Snapshot combination;
    /// What came before all gradients were computed; then there is no combination.
    std::optional<Message> newer;
  };
  /// Computes at `x` until a message comes that is `awaited`: then the computation is given up, and every gradient that
  /// was begun is wasted.
  Outcome at(const Snapshot& x, const Expected& awaited);

 private:
  const std::vector<GradientCode::Term>& row_;
  Communicator& communicator_;
  Learner& learner_;
  /// One for each partition: all workers that have one draw the same batches of it.
  std::vector<Learner> partitions_;
};

/// The workers' combinations of one round, and what they say together.
class DecodedMean {
 public:
  DecodedMean(const GradientCode& code, int workers, Learner& learner)
      : code_(code), workers_(workers), learner_(learner) {}

  /// The mean of all partitions' gradients, as soon as the combinations so far, with this one, give it.
  std::optional<Snapshot> with(int worker, Snapshot combination);

 private:
  const GradientCode& code_;
  int workers_;
  Learner& learner_;
  /// By worker.
  std::map<int, Snapshot> combinations_;
};

}  // namespace descent
