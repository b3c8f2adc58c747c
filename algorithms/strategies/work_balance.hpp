#pragma once

#include "algorithms/balance/balance.hpp"
#include "algorithms/comm/communicator.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace descent {

class Learner;

/// Who does how much of a round while a run goes on, as whoever decides it knows it: a server, or every replica. Of a
/// run whose division stays it knows nothing.
class WorkBalance {
 public:
  WorkBalance(const Learner& learner, std::size_t workers);

  /// What a sample takes a worker, in seconds, by its newest average.
  void measured(std::size_t worker, double seconds_per_sample);
  /// After so many updates: divides the next rounds by what was measured, if that is due.
  void updated(std::uint64_t updates);

  /// Samples of a worker's next gradient; 0: as many as before.
  std::size_t batch(std::size_t worker) const { return balance_.adapts() ? division_.batches[worker] : 0; }
  /// The shards that the newest division has taken from this worker or given to it.
  std::vector<ShardMove> moves(std::size_t worker) const;

 private:
  bool worthwhile(const Division& division) const;

  Balance balance_;
  Load load_;
  Division division_;
  std::vector<ShardMove> moves_;
  /// By worker; 0 where nothing is measured yet.
  std::vector<double> seconds_per_sample_;
};

/// A message that tells a worker its moves, and what is in one.
Message moves_message(std::span<const ShardMove> moves);
std::vector<ShardMove> moves_in(const Message& message);

/// Worker `communicator.rank()` sends shards to their new owners, and waits for those that are now its own. What
/// travels is charged as the samples' bytes; the data themselves are with every rank from the beginning.
void move_shards(std::span<const ShardMove> moves, Communicator& communicator, Learner& learner);

}  // namespace descent
