#pragma once

#include "algorithms/balance/balance.hpp"
#include "algorithms/comm/communicator.hpp"
#include "algorithms/data/sampler.hpp"
#include "algorithms/optimizers/optimizer.hpp"
#include "algorithms/strategies/buckets.hpp"
#include "algorithms/strategies/problem.hpp"
#include "algorithms/strategies/replicas.hpp"
#include "algorithms/strategies/stop_rule.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace descent {

/// What training means in a run, the same on every rank.
struct Training {
  std::shared_ptr<const Problem> problem;
  std::shared_ptr<const Optimizer> optimizer;
  std::shared_ptr<const LearningRateSchedule> schedule;
  double learning_rate = 0;
  /// Samples of one worker's gradient; nothing: all training samples, in order.
  std::optional<std::size_t> batch;
  Balance balance = {};
  /// Who does how much of a round at first; nothing: each worker its `batch`, from an equal run of the shards.
  std::shared_ptr<const Division> division = nullptr;
  /// Computation is charged as if a sample's gradient took so many flops, where given.
  std::optional<double> flops_per_sample;
  /// No computation takes time.
  bool compute_free = false;
  /// False: nothing is computed, only the time passes; all vectors are placeholders.
  bool math = true;
  /// Bytes of a whole parameter vector on the wire.
  double parameter_bytes = 0;
  std::uint64_t seed = 0;
  StopRule stop;
  /// Updates that the replicas of this process share.
  std::shared_ptr<Replicas> replicas = std::make_shared<Replicas>();

  double bytes_per_parameter() const { return parameter_bytes / static_cast<double>(problem->parameters()); }
  /// Flops that the gradient of so many samples is charged.
  double gradient_flops(std::size_t samples) const;
  std::size_t batch_size() const { return batch.value_or(problem->samples()); }
};

/// A gradient that is being computed: `result` has it when the task is over.
struct GradientUnderWay {
  Task task;
  std::shared_ptr<Snapshot> result;
};

/// What a worker adds to its own gradients at x: pull · (x − towards) + shift; either vector may be absent.
struct LocalTerm {
  double pull = 0;
  Snapshot towards = {};
  Snapshot shift = {};

  bool empty() const { return towards.empty() && shift.empty(); }
};

/// A rank's hands: draws this worker's batches, computes gradients and updates as kernels and charges their
/// time, and knows what vectors cost on the wire.
class Learner {
 public:
  /// Worker `worker` of `workers` owns shards as the division says, or an equal run of them, and draws each batch
  /// evenly from them. Ranks that compute no gradients take worker 0 of 1.
  Learner(const Training& training, Communicator& communicator, std::size_t worker, std::size_t workers);

  /// The hands of another worker on this rank: it draws that worker's batches.
  Learner of_worker(std::size_t worker, std::size_t workers) const {
    return {training_, communicator_, worker, workers};
  }

  const Problem& problem() const { return *training_.problem; }
  const StopRule& stop() const { return training_.stop; }
  /// Samples of a gradient, in the mean of all workers.
  std::size_t batch() const { return training_.batch_size(); }
  /// Training samples that are this worker's, or another one's.
  std::size_t samples() const { return samples_of(worker_, workers_); }
  std::size_t samples_of(std::size_t worker, std::size_t workers) const;

  const Balance& balance() const { return training_.balance; }
  /// Who does how much of a round of so many workers at first, and what of it is to be divided.
  Load load(std::size_t workers) const { return {workers, workers * batch(), problem().shard_sizes()}; }
  Division division(std::size_t workers) const {
    return training_.division ? *training_.division : equal_division(load(workers));
  }
  /// This worker's next gradients are of so many samples; 0: as many as before.
  void take_batch(std::size_t samples) { samples_ = samples > 0 ? samples : samples_; }
  /// A shard of the data is this worker's no more, or from now on. It goes on to be drawn from where its owner before
  /// was. Precondition: all shards give as many samples to a round.
  void drop_shard(std::size_t shard);
  void take_shard(std::size_t shard);
  /// Bytes of its samples.
  std::uint64_t shard_bytes(std::size_t shard) const {
    return problem().shard_sizes()[shard] * problem().bytes_per_sample();
  }
  /// What a sample of this worker's gradients takes it, in seconds: an exponential average; 0 before the first.
  double seconds_per_sample() const { return seconds_per_sample_; }

  /// The mean gradient at `x` over this worker's next batch, times what the worker weighs: the batch over that of the
  /// mean of all workers, so that the mean of all workers' gradients is that over all samples. Takes its computing
  /// time.
  Snapshot gradient(const Snapshot& x);
  /// Begins to compute it: it may be cancelled.
  GradientUnderWay begin_gradient(const Snapshot& x);
  /// The same, handed over piece by piece as the backward pass goes on: `complete` gets each bucket's part of it as
  /// soon as that is computed.
  void gradient_by_buckets(const Snapshot& x, std::span<const Bucket> buckets,
                           const std::function<void(const Bucket&, Snapshot)>& complete);
  /// See buckets_of.
  std::vector<Bucket> buckets(double bytes) const {
    return buckets_of(problem().tensors(), bytes_per_parameter(), bytes);
  }
  /// Draws what the next gradient would have drawn, or so many.
  void skip_gradient();
  void skip_gradients(std::uint64_t count);
  /// The same, for a rank that hands it on to be summed and does not read it: where many ranks are in one process it
  /// may come deferred. `computations`: how often it is computed by who sums it then.
  Snapshot gradient_to_sum(const Snapshot& x, std::size_t computations = 1);

  /// The mean loss at `x` of the training samples, the first so many of them, with what the objective has besides;
  /// nothing without mathematics. Takes a forward pass: a third of the gradient's time.
  std::optional<double> training_loss(const Snapshot& x, std::size_t samples);

  Snapshot initial_parameters() const;
  /// A vector of zeros, as long as the parameters.
  Snapshot zeros() const;
  /// `join` of what other ranks have been sent too: it is formed once for all.
  Snapshot join_replica(std::span<const Snapshot> parts) { return training_.replicas->join(parts); }
  /// A function of vectors that other ranks have too, as they are in memory: computed once for all.
  Snapshot once(std::span<const Snapshot> of, const std::function<Snapshot()>& compute) const {
    return training_.replicas->once(of, compute);
  }
  OptimizerState initial_state(Snapshot parameters) const {
    return training_.optimizer->initial(std::move(parameters));
  }
  /// One step along `gradient`, at the learning rate of step `step` (from 0). Takes its computing time.
  OptimizerState update(OptimizerState state, Snapshot gradient, std::uint64_t step) {
    return update_scaled(std::move(state), std::move(gradient), 1, step);
  }
  /// Along factor · `gradient`.
  OptimizerState update_scaled(OptimizerState state, Snapshot gradient, double factor, std::uint64_t step);
  /// The same along weight · `sum`, for a rank whose state and sum other ranks hold too: it is computed once for all,
  /// and takes each its time.
  OptimizerState update_replica(OptimizerState state, Snapshot sum, double weight, std::uint64_t step) {
    return update_replica({training_.optimizer, rate(step), weight}, std::move(state), std::move(sum), step);
  }
  /// As above, by another rule than the scenario's: a step along factor · `sum` at `rate`.
  struct Rule {
    std::shared_ptr<const Optimizer> optimizer;
    double rate = 1;
    double factor = 1;
  };
  OptimizerState update_replica(const Rule& rule, OptimizerState state, Snapshot sum, std::uint64_t step);

  /// η of step `step`.
  double rate(std::uint64_t step) const { return training_.learning_rate * training_.schedule->factor(step); }

  /// A step of this worker alone: the gradient at the state's parameters, `term` added, and the update along it.
  OptimizerState local_step(OptimizerState state, std::uint64_t step, const LocalTerm& term = {});
  /// `combination`. Takes its computing time.
  Snapshot combine(std::vector<WeightedVector> terms);

  /// Work beside gradients and updates. Takes its time, unless computing takes none.
  void compute(double flops, Kernel kernel) { compute(communicator_, flops, std::move(kernel)); }
  /// On another line of this rank.
  void compute(Communicator& line, double flops, Kernel kernel) const;

  /// Bytes of one parameter on the wire.
  double bytes_per_parameter() const { return training_.bytes_per_parameter(); }
  /// Bytes that an encoding of so many is charged: more or fewer where the scenario times the model as another one.
  std::uint64_t encoded_wire_bytes(std::uint64_t bytes) const;
  /// Bytes on the wire for each byte that an encoding has.
  double encoded_scale() const;
  /// Bytes that elements [begin, begin + count) of the parameter vector are on the wire.
  std::uint64_t wire_bytes(std::size_t begin, std::size_t count) const;
  /// A message that carries elements of the parameter vector as they are, from element `begin` on. Without elements it
  /// is an envelope.
  Message message(Snapshot elements, std::size_t begin = 0) const;

 private:
  std::vector<std::uint32_t> next_samples();
  /// Measures what a gradient has taken.
  void measure(double seconds);
  Work gradient_work(std::uint64_t step) const {
    return {training_.gradient_flops(samples_), step, 1, WorkKind::gradient};
  }
  /// What the mathematics of training step `step` is.
  std::function<Snapshot()> gradient_at(const Snapshot& x, std::uint64_t step);
  Work update_work(const Optimizer& optimizer, std::size_t parameters) const;

  const Training& training_;
  Communicator& communicator_;
  std::size_t worker_;
  std::size_t workers_;
  std::vector<std::size_t> shards_;
  std::vector<Sampler> samplers_;
  /// Of the next gradient.
  std::size_t samples_ = 0;
  double seconds_per_sample_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace descent
