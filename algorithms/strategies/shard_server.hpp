#pragma once

#include "algorithms/strategies/consistency.hpp"
#include "algorithms/strategies/gradient_batch.hpp"
#include "algorithms/strategies/progress_report.hpp"
#include "algorithms/strategies/served_workers.hpp"

#include <cstdint>
#include <vector>

namespace descent {

/// Pushes carry the version that the gradient was computed on, answers the version of the parameters. A worker
/// that has been told to stop takes leave of the servers that have not told it.
namespace shard {
enum : Tag { kPush, kAnswer, kLeave };
}

/// Which part of the parameters each server has.
std::vector<Part> shards_of(std::size_t parameters, const Cast& cast);

/// One server: its shard of the parameters and what it knows of the workers.
class ShardServer {
 public:
  ShardServer(Cast cast, const Consistency& consistency, std::shared_ptr<const Compressor> compressor,
              Communicator& communicator, Learner& learner);

  /// Serves until no worker is left.
  void run();

 private:
  /// Puts a push together whose pieces come one by one. Whether it is whole.
  bool assemble(Message& push);
  /// Takes a gradient. Whether it counts.
  bool take(std::size_t worker, Message push);
  void update();
  /// Sends the newest parameters, or that the run is over.
  void answer(std::size_t worker);

  const Consistency& consistency_;
  std::shared_ptr<const Compressor> compressor_;
  Communicator& communicator_;
  Learner& learner_;
  bool leads_;
  Part shard_;
  ServedWorkers workers_;
  /// In how many pieces a gradient is pushed, and by worker those of one of which there is more to come: the last
  /// first.
  std::size_t pieces_of_push_ = 1;
  std::vector<std::vector<Snapshot>> pieces_;
  /// By worker: what it computes on, where that matters for a correction.
  std::vector<Snapshot> reads_;
  GradientBatch batch_;
  OptimizerState state_;
  ProgressReport report_;
  bool over_ = false;
};

}  // namespace descent
