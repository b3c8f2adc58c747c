#include "algorithms/strategies/learner.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace descent {

double Training::gradient_flops(std::size_t samples) const {
  if (compute_free) {
    return 0;
  }
  const auto count = static_cast<double>(samples);
  return flops_per_sample ? *flops_per_sample * count
                          : problem->flops_per_sample() * count + problem->flops_per_batch();
}

Learner::Learner(const Training& training, Communicator& communicator, std::size_t worker, std::size_t workers)
    : training_(training),
      communicator_(communicator),
      worker_(worker),
      workers_(workers),
      samples_(training.batch_size()) {
  const auto sizes = training_.problem->shard_sizes();
  if (training_.division && workers == training_.division->batches.size()) {
    shards_ = training_.division->shards[worker];
    samples_ = training_.division->batches[worker];
  } else {
    const Part mine = part_of(sizes.size(), workers, worker);
    shards_.resize(mine.count);
    std::iota(shards_.begin(), shards_.end(), mine.begin);
  }
  for (const std::size_t shard : shards_) {
    samplers_.emplace_back(training_.seed, shard, sizes[shard]);
  }
}

std::size_t Learner::samples_of(std::size_t worker, std::size_t workers) const {
  const auto sizes = problem().shard_sizes();
  const Part mine = part_of(sizes.size(), workers, worker);
  return std::accumulate(sizes.begin() + static_cast<std::ptrdiff_t>(mine.begin),
                         sizes.begin() + static_cast<std::ptrdiff_t>(mine.begin + mine.count), std::size_t{0});
}

void Learner::drop_shard(std::size_t shard) {
  const auto place = std::find(shards_.begin(), shards_.end(), shard) - shards_.begin();
  shards_.erase(shards_.begin() + place);
  samplers_.erase(samplers_.begin() + place);
}

void Learner::take_shard(std::size_t shard) {
  shards_.push_back(shard);
  samplers_.emplace_back(training_.seed, shard, problem().shard_sizes()[shard]);
  samplers_.back().skip(steps_ * samples_of_shard(load(workers_)));
}

Snapshot Learner::zeros() const {
  return training_.math ? Buffer::zeros(problem().precision(), problem().parameters()).freeze()
                        : Snapshot::placeholder(problem().precision(), problem().parameters());
}

std::vector<std::uint32_t> Learner::next_samples() {
  std::vector<std::uint32_t> samples;
  if (!training_.batch || problem().samples() == 0) {
    return samples;
  }
  samples.reserve(samples_);
  for (std::size_t i = 0; i < samplers_.size(); ++i) {
    const auto shard = problem().shard(shards_[i]);
    for (const std::uint32_t position : samplers_[i].next(part_of(samples_, samplers_.size(), i).count)) {
      samples.push_back(shard[position]);
    }
  }
  return samples;
}

std::function<Snapshot()> Learner::gradient_at(const Snapshot& x, std::uint64_t step) {
  const bool mean = samples_ == batch();
  const double weight = mean ? 1 : static_cast<double>(samples_) / static_cast<double>(batch());
  return [problem = training_.problem, x, samples = next_samples(), batch = samples_, mean, weight,
          noise = RandomStream(training_.seed, Purpose::gradient_noise, worker_, step)] {
    Snapshot gradient = problem->gradient(x, samples, batch, noise);
    if (mean) {
      return gradient;
    }
    Buffer weighed = Buffer::from(std::move(gradient));
    weighed.scale(weight);
    return std::move(weighed).freeze();
  };
}

void Learner::measure(double seconds) {
  if (!balance().adapts()) {
    return;
  }
  const double each = seconds / static_cast<double>(samples_);
  seconds_per_sample_ += (seconds_per_sample_ == 0 ? 1 : balance().smoothing) * (each - seconds_per_sample_);
}

/// The mathematics is one kernel, that of the first piece; the time is in pieces.
void Learner::gradient_by_buckets(const Snapshot& x, std::span<const Bucket> buckets,
                                  const std::function<void(const Bucket&, Snapshot)>& complete) {
  const std::uint64_t step = steps_++;
  Snapshot result = Snapshot::placeholder(problem().precision(), problem().parameters());
  Kernel kernel;
  if (training_.math) {
    kernel = [&result, gradient = gradient_at(x, step)] { result = gradient(); };
  }
  const Work all = gradient_work(step);
  double seconds = 0;
  for (const Bucket& bucket : buckets) {
    const double begun = communicator_.now();
    communicator_.compute({all.flops * bucket.share, step, bucket.share, all.kind}, std::exchange(kernel, {}));
    seconds += communicator_.now() - begun;
    if (&bucket == &buckets.back()) {
      measure(seconds);
    }
    complete(bucket, result.slice(bucket.where.begin, bucket.where.count));
  }
}

void Learner::skip_gradient() {
  ++steps_;
  next_samples();
}

void Learner::skip_gradients(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    skip_gradient();
  }
}

Snapshot Learner::gradient(const Snapshot& x) {
  const std::uint64_t step = steps_++;
  const double begun = communicator_.now();
  Snapshot result = Snapshot::placeholder(problem().precision(), problem().parameters());
  Kernel kernel;
  if (training_.math) {
    kernel = [&result, gradient = gradient_at(x, step)] { result = gradient(); };
  }
  communicator_.compute(gradient_work(step), std::move(kernel));
  measure(communicator_.now() - begun);
  return result;
}

GradientUnderWay Learner::begin_gradient(const Snapshot& x) {
  const std::uint64_t step = steps_++;
  const Work work = gradient_work(step);
  auto result = std::make_shared<Snapshot>();
  if (!training_.math) {
    *result = Snapshot::placeholder(problem().precision(), problem().parameters());
    return {communicator_.start(work, {}), result};
  }
  return {communicator_.start(work, [result, gradient = gradient_at(x, step)] { *result = gradient(); }), result};
}

void Learner::compute(Communicator& line, double flops, Kernel kernel) const {
  line.compute({training_.compute_free ? 0 : flops}, std::move(kernel));
}

Snapshot Learner::gradient_to_sum(const Snapshot& x, std::size_t computations) {
  if (!training_.math) {
    return gradient(x);
  }
  const std::uint64_t step = steps_++;
  const double begun = communicator_.now();
  Snapshot gradient = communicator_.compute_vector(
      gradient_work(step), Snapshot::deferred(problem().precision(), problem().parameters(), gradient_at(x, step)),
      computations);
  measure(communicator_.now() - begun);
  return gradient;
}

std::optional<double> Learner::training_loss(const Snapshot& x, std::size_t samples) {
  const std::size_t count = std::min(samples, problem().split_size(Split::train));
  const double flops = training_.gradient_flops(count) / 3;
  if (!training_.math) {
    compute(flops, {});
    return std::nullopt;
  }
  double loss = 0;
  compute(flops, [&] { loss = problem().evaluate(x, Split::train, 0, count).loss() + problem().penalty(x); });
  return loss;
}

Snapshot Learner::initial_parameters() const {
  return training_.math ? problem().initial_parameters()
                        : Snapshot::placeholder(problem().precision(), problem().parameters());
}

Work Learner::update_work(const Optimizer& optimizer, std::size_t parameters) const {
  const double each = training_.compute_free ? 0.0 : optimizer.flops_per_parameter();
  return {each * static_cast<double>(parameters), std::nullopt, 1, WorkKind::update};
}

OptimizerState Learner::update_scaled(OptimizerState state, Snapshot gradient, double factor, std::uint64_t step) {
  const Work work = update_work(*training_.optimizer, gradient.size());
  if (!training_.math) {
    communicator_.compute(work, {});
    return state;
  }
  OptimizerState result;
  communicator_.compute(work,
                        [&] { result = training_.optimizer->update(std::move(state), gradient, rate(step), factor); });
  return result;
}

OptimizerState Learner::update_replica(const Rule& rule, OptimizerState state, Snapshot sum, std::uint64_t step) {
  const Work work = update_work(*rule.optimizer, sum.size());
  if (!training_.math) {
    communicator_.compute(work, {});
    return state;
  }
  const auto shared = training_.replicas->find(state, sum, step, [&] {
    return
        [rule, state, sum]() mutable { return rule.optimizer->update(std::move(state), sum, rule.rate, rule.factor); };
  });
  state = {};
  sum = {};
  communicator_.compute(
      work, shared->begun() ? Kernel() : [shared] { shared->value(); });
  return shared->value();
}

OptimizerState Learner::local_step(OptimizerState state, std::uint64_t step, const LocalTerm& term) {
  Snapshot gradient = this->gradient(state.parameters);
  if (!term.empty()) {
    std::vector<WeightedVector> terms{{1, std::move(gradient)}};
    if (!term.towards.empty()) {
      terms.push_back({term.pull, state.parameters});
      terms.push_back({-term.pull, term.towards});
    }
    if (!term.shift.empty()) {
      terms.push_back({1, term.shift});
    }
    gradient = combine(std::move(terms));
  }
  return update(std::move(state), std::move(gradient), step);
}

Snapshot Learner::combine(std::vector<WeightedVector> terms) {
  Snapshot result;
  const double flops = 2 * static_cast<double>(terms.size() * terms.front().vector.size());
  compute(flops, [&] { result = combination(terms); });
  return result;
}

double Learner::encoded_scale() const {
  return training_.bytes_per_parameter() / static_cast<double>(bytes_per_element(problem().precision()));
}

std::uint64_t Learner::encoded_wire_bytes(std::uint64_t bytes) const {
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(bytes) * encoded_scale()));
}

std::uint64_t Learner::wire_bytes(std::size_t begin, std::size_t count) const {
  return wire_bytes_of(training_.bytes_per_parameter(), begin, count);
}

Message Learner::message(Snapshot elements, std::size_t begin) const {
  Message result = envelope();
  if (!elements.empty()) {
    result.wire_bytes = wire_bytes(begin, elements.size());
    result.payload = std::move(elements);
  }
  return result;
}

}  // namespace descent
