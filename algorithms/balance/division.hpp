#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace descent {

/// What of a round's work is dealt out in proportion to speed.
enum class Balanced { batches, shards };

/// What there is to divide.
struct Load {
  std::size_t workers = 1;
  /// Of one round, all workers together.
  std::size_t samples = 0;
  /// Samples of each shard of the data. All 0 where there is no data.
  std::span<const std::size_t> shard_sizes;
};

/// Who does how much of a round, by worker.
struct Division {
  /// Samples of a gradient: at least 1, together those of a round.
  std::vector<std::size_t> batches;
  /// The shards that they are drawn from, evenly; each shard has one owner.
  std::vector<std::vector<std::size_t>> shards;
};

/// Each worker an equal run of the shards, and an equal batch. Precondition: workers divide the samples.
Division equal_division(const Load& load);

/// Most samples that can be drawn evenly from these shards at once, none of them twice.
std::size_t most_drawn(std::span<const std::size_t> shards, const Load& load);

/// Samples of each shard in a round where shards are divided. Precondition: shards divide the samples.
inline std::size_t samples_of_shard(const Load& load) {
  return load.samples / load.shard_sizes.size();
}

/// A division like `before`, but in proportion to the workers' speeds, which are above 0, in any unit.
/// Balanced::batches: shards stay, and batches are within what they give. Balanced::shards: as few shards as can be
/// change their owner (the last of those who have too many, in the order of ranks), and each gives as many samples to a
/// round. Precondition: there is no fault.
Division divide(Balanced what, const Load& load, const Division& before, std::span<const double> speeds);

/// A shard that changes its owner.
struct ShardMove {
  std::size_t shard;
  std::size_t from;
  std::size_t to;
};

/// What makes `after` of `before`, where shards are divided: in this order, each goes to the end of its new owner's.
std::vector<ShardMove> moves_between(const Division& before, const Division& after);

/// Why a load cannot be divided so, and what is allowed; "" where it can.
std::string fault_of(Balanced what, const Load& load);

}  // namespace descent
