#include "algorithms/strategies/learner.hpp"

#include <cmath>
#include <utility>

namespace descent {

double Training::gradient_flops() const {
  if (compute_free) {
    return 0;
  }
  const auto samples = static_cast<double>(batch_size());
  return flops_per_sample ? *flops_per_sample * samples
                          : problem->flops_per_sample() * samples + problem->flops_per_batch();
}

Learner::Learner(const Training& training, Communicator& communicator, std::size_t worker, std::size_t workers)
    : training_(training), communicator_(communicator) {
  const auto sizes = training_.problem->shard_sizes();
  const Part mine = part_of(sizes.size(), workers, worker);
  for (std::size_t shard = mine.begin; shard < mine.begin + mine.count; ++shard) {
    shards_.push_back(shard);
    samplers_.emplace_back(training_.seed, shard, sizes[shard]);
  }
}

std::vector<std::uint32_t> Learner::next_samples() {
  std::vector<std::uint32_t> samples;
  if (!training_.batch || problem().samples() == 0) {
    return samples;
  }
  samples.reserve(*training_.batch);
  for (std::size_t i = 0; i < samplers_.size(); ++i) {
    const auto shard = problem().shard(shards_[i]);
    for (const std::uint32_t position : samplers_[i].next(part_of(*training_.batch, samplers_.size(), i).count)) {
      samples.push_back(shard[position]);
    }
  }
  return samples;
}

Snapshot Learner::gradient(const Snapshot& x) {
  Snapshot result;
  const std::uint64_t step = steps_++;
  const Work work{training_.gradient_flops(), step};
  communicator_.compute(work, [this, &x, &result, samples = next_samples(), step] {
    result = problem().gradient(x, samples, batch(), communicator_.random(Purpose::gradient_noise, step));
  });
  return result;
}

OptimizerState Learner::update(OptimizerState state, Snapshot gradient, std::uint64_t step) {
  const double rate = training_.learning_rate * training_.schedule->factor(step);
  const double flops =
      training_.compute_free ? 0.0 : training_.optimizer->flops_per_parameter() * static_cast<double>(gradient.size());
  OptimizerState result;
  communicator_.compute({flops, std::nullopt},
                        [&] { result = training_.optimizer->update(std::move(state), gradient, rate); });
  return result;
}

std::uint64_t Learner::wire_bytes(std::size_t begin, std::size_t count) const {
  const double each = training_.bytes_per_parameter();
  const auto at = [each](std::size_t element) {
    return static_cast<std::uint64_t>(std::llround(static_cast<double>(element) * each));
  };
  return at(begin + count) - at(begin);
}

void OrderedSum::add(std::size_t index, Snapshot addend) {
  waiting_[index] = std::move(addend);
  while (next_ < waiting_.size() && !waiting_[next_].empty()) {
    Snapshot term = std::exchange(waiting_[next_], {});
    if (next_ == 0) {
      sum_ = std::move(term);
    } else {
      Buffer sum = Buffer::from(std::move(sum_));
      sum.add(0, term);
      sum_ = std::move(sum).freeze();
    }
    ++next_;
  }
}

Snapshot OrderedSum::take(double factor) {
  Buffer sum = Buffer::from(std::exchange(sum_, {}));
  sum.scale(factor);
  next_ = 0;
  return std::move(sum).freeze();
}

}  // namespace descent
