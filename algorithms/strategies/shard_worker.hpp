#pragma once

#include "algorithms/strategies/consistency.hpp"
#include "algorithms/strategies/encoder.hpp"
#include "algorithms/strategies/server_lines.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace descent {

/// One worker of sharded parameters: it pushes each server the part of its gradient that is in the server's shard, and
/// goes on when it is answered, as the consistency says.
class ShardWorker {
 public:
  /// `shards`: of the parameters, by server.
  ShardWorker(Cast cast, std::vector<Part> shards, const Consistency& consistency, const Recovery& recovery,
              const std::shared_ptr<const Compressor>& compressor, Communicator& communicator, Learner& learner);

  /// Works until a server says that the run is over.
  void run();

 private:
  /// A gradient, and an answer of each server.
  void work_until_answered();
  /// A gradient, and answers where what was read is too old for the next one.
  void work_while_recent();
  /// Computes on the same parameters until a server has newer ones, which ends the computation.
  void work_until_told();
  /// A push leaves before the next one, so that computations that take no time do not push without end. Whether a
  /// server has newer parameters meanwhile.
  bool told_before_push_leaves();

  void push(const Snapshot& gradient);
  void push_buckets();
  /// A piece of the gradient, from element `begin` on, to the server whose shard it is in.
  void push_piece(std::size_t server, std::size_t begin, Snapshot piece);

  /// Asks all servers for parameters, as a new life knows none.
  void join();
  /// An answer of each of them to the newest request, or that the run is over.
  void await_all();
  /// What has been read of all servers is not too old for the next gradient.
  bool all_recent() const;
  /// Not all servers answer together.
  bool keeps_shards() const { return recovery_.tolerates_losses() || consistency_.reads_when_stale; }
  /// All servers' parameters are to be of the newest round that one of them has told of, unless one is silent.
  void await_one_round();

  /// Whether it says what is not known here: newer parameters, or that the run is over.
  bool is_news(const Message& answer);
  void take(First answer);
  /// Whether it is to the newest request, or says that the run is over. One to an earlier request comes late where the
  /// worker has asked again.
  bool is_mine(const Message& answer) const;
  bool of_one_round() const;
  void join_shards();

  Cast cast_;
  const Consistency& consistency_;
  const Recovery& recovery_;
  Communicator& communicator_;
  Learner& learner_;
  bool compresses_;
  Encoder encoder_;
  /// By server: its shard of the parameters, the version of it that is here, and what has come of the next one; what is
  /// here stays where it may be read again.
  std::vector<Part> parts_;
  std::vector<std::int64_t> versions_;
  std::vector<Snapshot> shards_;
  /// Where it reads only what is stale: gradients pushed, and, by server, the slowest worker's when it read last.
  std::uint64_t round_ = 0;
  std::vector<std::uint64_t> read_;
  /// Those that have not left.
  std::vector<Request> pushes_;
  /// The newest push, or the wish to be let in.
  std::uint64_t request_;
  ServerLines lines_;
  Snapshot x_;
  /// A server has answered since `x_` was put together.
  bool news_ = false;
  bool over_ = false;
};

}  // namespace descent
