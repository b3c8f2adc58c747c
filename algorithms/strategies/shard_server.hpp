#pragma once

#include "algorithms/strategies/consistency.hpp"
#include "algorithms/strategies/durable_shard.hpp"
#include "algorithms/strategies/gradient_batch.hpp"
#include "algorithms/strategies/served_workers.hpp"
#include "algorithms/strategies/work_balance.hpp"

#include <cstdint>
#include <vector>

namespace descent {

/// Pushes carry the version that the gradient was computed on, and which of the worker's requests this is, or, where
/// work is divided by measured speed (and nobody is lost), what a sample took. Answers carry the version of the
/// parameters, and the request that they are to, or, of the leading server, how many samples the worker's next gradient
/// is to be of; which shards of the data move, it tells beside. Where workers read only what is stale, answers carry
/// the slowest worker's round, by which both sides know which pushes are to be answered. A worker that has been told to
/// stop takes leave of the servers that have not told it. One that begins anew asks to be let in, and one that waits
/// for another server says that it is there.
///
/// Where messages may be lost, the end is told and confirmed: a worker takes leave of each server that has told it that
/// the run is over, and tells those that have not, until they say it too.
namespace shard {
enum : Tag { kPush, kAnswer, kLeave, kJoin, kHere, kMoves, kOver };
}

/// One server: its shard of the parameters and what it knows of the workers.
///
/// With recovery it goes on without workers that are lost: an update takes the gradients of those who are there, along
/// their own mean. Workers push again what was not answered, and a push counts once, in whatever life of the server.
/// When the run is over it stays until each worker that is there has taken leave, and tells those who ask.
class ShardServer {
 public:
  /// `shard`: of the parameters.
  ShardServer(Cast cast, Part shard, const Consistency& consistency, const Recovery& recovery,
              std::shared_ptr<const Compressor> compressor, Communicator& communicator, Learner& learner);

  /// Serves until no worker is left.
  void run();

 private:
  /// Puts a push together whose pieces come one by one. Whether it is whole.
  bool assemble(Message& push);
  /// Whether it has been here before; then it is answered again, if the worker needs that and has asked for no more.
  bool repeated(std::size_t worker, const Message& push);
  /// Takes a gradient. Whether it counts.
  bool take(std::size_t worker, Message push);
  void handle(Message message);
  void handle_push(std::size_t worker, Message push);
  /// A life of the worker asks for parameters, unless it has had them and this came late.
  void let_in(std::size_t worker, std::uint64_t request);
  /// The gradients that are here make an update.
  bool ready() const;
  void update();
  void tell_losses(std::size_t lost, std::size_t returned);
  /// Sends the newest parameters, or that the run is over.
  void answer(std::size_t worker);
  /// Whether a worker may be without the answer that it was sent, as that was so long ago, in seconds, and is not under
  /// way any more.
  bool may_lack_answer(std::size_t worker, double after);
  void tell_over(std::size_t worker);
  void tell_all_over();

  const Consistency& consistency_;
  const Recovery& recovery_;
  std::shared_ptr<const Compressor> compressor_;
  Communicator& communicator_;
  Learner& learner_;
  bool leads_;
  ServedWorkers workers_;
  /// In how many pieces a gradient is pushed, and by worker those of one of which there is more to come: the last
  /// first.
  std::size_t pieces_of_push_ = 1;
  std::vector<std::vector<Snapshot>> pieces_;
  /// By worker: what it computes on, where that matters for a correction.
  std::vector<Snapshot> reads_;
  GradientBatch batch_;
  /// By worker: whether the batch has a gradient of it, the number of its newest request, and when and by what it was
  /// answered last.
  std::vector<bool> contributed_;
  std::vector<std::uint64_t> newest_;
  std::vector<double> answered_;
  std::vector<Request> answers_;
  DurableShard shard_;
  WorkBalance balance_;
  bool over_ = false;
  /// A worker has left, or is about to: the leading server has told it that the run is over.
  bool left_ = false;
};

}  // namespace descent
