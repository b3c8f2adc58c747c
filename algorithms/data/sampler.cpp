#include "algorithms/data/sampler.hpp"

#include "algorithms/core/random.hpp"
#include "algorithms/data/shuffle.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace descent {

void Sampler::begin_epoch() {
  order_.resize(shard_size_);
  std::iota(order_.begin(), order_.end(), 0U);
  RandomStream random(seed_, Purpose::shuffle, shard_, epochs_begun_++);
  shuffle(order_, random);
  drawn_ = 0;
}

std::vector<std::uint32_t> Sampler::next(std::size_t count) {
  if (shard_size_ == 0 && count > 0) {
    throw std::logic_error(fmt::format("a batch is drawn from shard {}, which is empty", shard_));
  }
  std::vector<std::uint32_t> batch;
  batch.reserve(count);
  while (batch.size() < count) {
    if (drawn_ == order_.size()) {
      begin_epoch();
    }
    const std::size_t taken = std::min(count - batch.size(), order_.size() - drawn_);
    const auto from = order_.begin() + static_cast<std::ptrdiff_t>(drawn_);
    batch.insert(batch.end(), from, from + static_cast<std::ptrdiff_t>(taken));
    drawn_ += taken;
  }
  return batch;
}

void Sampler::skip(std::uint64_t count) {
  const std::uint64_t left = order_.size() - drawn_;
  if (count <= left) {
    drawn_ += count;
    return;
  }
  if (shard_size_ == 0) {
    throw std::logic_error(fmt::format("a batch is drawn from shard {}, which is empty", shard_));
  }
  // The epoch that it ends in is begun, also where it ends at its end.
  const std::uint64_t beyond = count - left - 1;
  epochs_begun_ += beyond / shard_size_;
  begin_epoch();
  drawn_ = beyond % shard_size_ + 1;
}

}  // namespace descent
