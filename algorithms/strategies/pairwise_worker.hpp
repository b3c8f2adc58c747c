#pragma once

#include "algorithms/graphs/graph.hpp"
#include "algorithms/strategies/pairwise_peers.hpp"
#include "algorithms/strategies/progress_report.hpp"
#include "algorithms/strategies/takeover.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace descent {

/// One worker of PairwiseGossip.
class PairwiseWorker {
 public:
  PairwiseWorker(const Graph& graph, const Recovery& recovery, Communicator& communicator, Learner& learner);

  void run();

 private:
  bool over();
  /// Computes the gradient here while it averages with a neighbour drawn for this step, and with whoever asks.
  GradientUnderWay take_step(std::uint64_t step);
  /// Handles what comes next, or that it does not come in time. Whether the computation is over.
  bool next(std::span<const Task> computation, std::span<const Expected> messages, double deadline = never);
  void take(Message message);
  void move(std::vector<WeightedVector> terms);
  /// A new life asks all neighbours for their parameters.
  void join();
  /// A new life goes on from the newest parameters that it is told of; from its own beginning as long as there are
  /// none.
  void catch_up();
  /// Averages on until all neighbours that are there have stopped.
  void await_others();
  std::span<const Expected> awaited() const;
  void send_parameters(int to);
  void tell_neighbours(Tag tag);

  std::size_t workers_;
  const Recovery& recovery_;
  Communicator& communicator_;
  Learner& learner_;
  PairwisePeers peers_;
  OptimizerState state_;
  ProgressReport report_;
  /// Times that this worker's parameters were averaged with another's.
  std::uint64_t averages_ = 0;
  bool over_ = false;
  bool stopped_ = false;
  double begun_;
  /// A new life that goes on from nothing, and what it has been told.
  bool knows_nothing_ = false;
  std::vector<Message> news_;
};

}  // namespace descent
