#pragma once

#include "algorithms/strategies/consistency.hpp"
#include "algorithms/strategies/gradient_batch.hpp"

#include <cstdint>
#include <vector>

namespace descent {

/// Pushes carry the version that the gradient was computed on, answers the version of the parameters. A worker
/// that has been told to stop takes leave of the servers that have not told it.
namespace shard {
enum : Tag { kPush, kAnswer, kLeave };
}

/// One server: its shard of the parameters and what it knows of the workers.
class ShardServer {
 public:
  ShardServer(Cast cast, const Consistency& consistency, std::shared_ptr<const Compressor> compressor,
              Communicator& communicator, Learner& learner);

  /// Serves until no worker is left.
  void run();

 private:
  struct Worker {
    bool present = true;
    /// Gradients pushed: the worker's clock.
    std::uint64_t rounds = 0;
    /// Of its gradient, while there is more to come: the last first.
    std::vector<Snapshot> pieces;
    /// What it computes on, where that matters for a correction.
    Snapshot reads;
  };
  /// Somebody who has pushed and waits.
  struct Waiting {
    std::size_t worker;
    /// The gradient did not count.
    bool dropped;
  };

  /// Puts a push together whose pieces come one by one. Whether it is whole.
  bool assemble(Message& push);
  /// Takes a gradient. Whether it counts.
  bool take(std::size_t worker, Message push);
  Snapshot corrected(Snapshot gradient, std::uint64_t staleness, const Snapshot& read);
  void update();
  void answer(bool updated);
  bool may_go_on(const Waiting& waiting, bool updated, std::uint64_t slowest) const;
  /// Sends the newest parameters, or that the run is over.
  void tell(std::size_t worker);
  void dismiss(std::size_t worker);
  std::uint64_t slowest_round() const;

  Cast cast_;
  const Consistency& consistency_;
  std::shared_ptr<const Compressor> compressor_;
  Communicator& communicator_;
  Learner& learner_;
  bool leads_;
  std::vector<Worker> workers_;
  std::vector<Waiting> unanswered_;
  std::size_t present_;
  GradientBatch batch_;
  Part shard_{};
  /// Of a push.
  std::size_t pieces_ = 1;
  OptimizerState state_;
  Progress progress_;
  bool over_ = false;
};

}  // namespace descent
