#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace descent {

/// Draws batches from one shard: reads on through an endless chain of fresh random permutations of the shard,
/// one per epoch. So all batches have the size asked for, and every sample is seen exactly once per epoch; a batch
/// may begin in one epoch and end in the next. Epoch e of a shard depends on (seed, shard, e) alone.
class Sampler {
 public:
  /// Memory is taken at the first draw only: ranks that compute no gradients have samplers too.
  Sampler(std::uint64_t seed, std::size_t shard, std::size_t shard_size)
      : seed_(seed), shard_(shard), shard_size_(shard_size) {}

  /// The next `count` positions in the shard, each in [0, shard_size). Throws std::logic_error for an empty shard.
  std::vector<std::uint32_t> next(std::size_t count);
  /// Leaves out the next `count`, without shuffling epochs that it passes.
  void skip(std::uint64_t count);

 private:
  void begin_epoch();

  std::uint64_t seed_;
  std::size_t shard_;
  std::size_t shard_size_;
  std::uint64_t epochs_begun_ = 0;
  /// This epoch's permutation, and how much of it has been drawn.
  std::vector<std::uint32_t> order_;
  std::size_t drawn_ = 0;
};

}  // namespace descent
