#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace descent {

/// Draws mini-batches from a shard without replacement: the endless sequence of fresh random permutations of its
/// positions, one per epoch. All batches have the size asked for, and one may straddle two epochs.
class Sampler {
 public:
  /// `size` ≥ 1 samples; the permutations depend on seed, shard and epoch alone.
  Sampler(std::uint64_t seed, std::size_t shard, std::size_t size);

  /// Positions in [0, size).
  std::vector<std::uint32_t> next(std::size_t count);

 private:
  void shuffle();

  std::uint64_t seed_;
  std::size_t shard_;
  std::uint64_t epoch_ = 0;
  std::vector<std::uint32_t> order_;
  std::size_t used_;
};

}  // namespace descent
