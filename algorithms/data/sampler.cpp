#include "algorithms/data/sampler.hpp"

#include "algorithms/core/random.hpp"
#include "algorithms/data/shuffle.hpp"

#include <numeric>

namespace descent {

Sampler::Sampler(std::uint64_t seed, std::size_t shard, std::size_t size)
    : seed_(seed), shard_(shard), order_(size), used_(size) {}

std::vector<std::uint32_t> Sampler::next(std::size_t count) {
  std::vector<std::uint32_t> positions;
  positions.reserve(count);
  while (positions.size() < count) {
    if (used_ == order_.size()) {
      shuffle();
    }
    positions.push_back(order_[used_++]);
  }
  return positions;
}

void Sampler::shuffle() {
  std::iota(order_.begin(), order_.end(), 0U);
  RandomStream random(seed_, Purpose::shuffle, shard_, epoch_++);
  descent::shuffle(order_, random);
  used_ = 0;
}

}  // namespace descent
