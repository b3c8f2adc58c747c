#pragma once

#include "algorithms/strategies/gradient_batch.hpp"
#include "algorithms/strategies/progress_report.hpp"
#include "algorithms/strategies/strategy.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace descent {

/// What the workers and the centre of elastic averaging agree on.
struct Elasticity {
  Cast cast;
  /// The centre moves by all workers' differences at once; else by each as it comes.
  bool synchronous = false;
  /// τ: a worker's steps from one meeting with the centre to the next.
  std::uint64_t period = 1;
  /// α: the part of its difference from the centre that a worker moves.
  double moving_rate = 0;
  /// Of the differences that workers send; nullptr: they are sent as they are.
  std::shared_ptr<const Compressor> compressor = nullptr;
};

/// A worker asks for the centre, and later sends its elastic difference, with the version of the centre that it saw. It
/// is answered with the centre, or with nothing when the run is over.
namespace elastic {
enum : Tag { kAsk, kCentre, kDifference };
}

/// The centre, and who waits for it.
class ElasticCentre {
 public:
  ElasticCentre(const Elasticity& elasticity, Communicator& communicator, Learner& learner);

  /// Answers until all workers have been told that the run is over.
  void run();

 private:
  void take(Message push);
  /// Moves by a difference, or the sum of several.
  void move(Snapshot difference, std::uint64_t staleness, std::size_t differences);
  void answer();

  const Elasticity& elasticity_;
  Communicator& communicator_;
  Learner& learner_;
  std::size_t workers_;
  std::size_t present_;
  Snapshot x_;
  GradientBatch round_;
  /// Differences of the round are due.
  bool moving_ = false;
  std::vector<int> asking_;
  ProgressReport report_;
  bool over_ = false;
};

}  // namespace descent
