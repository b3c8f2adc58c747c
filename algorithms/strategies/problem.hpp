#pragma once

#include "algorithms/constraints/composite.hpp"
#include "algorithms/core/random.hpp"
#include "algorithms/math/vector.hpp"
#include "algorithms/models/model.hpp"
#include "algorithms/optimizers/optimizer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace descent {

/// Which half of the data an evaluation reads.
enum class Split { train, test };

/// What is to be optimized and by which rule: model, data, partition and optimizer, fixed for a run and the
/// same on every rank. Immutable and thread-safe; hides the precision, so strategies need not know it.
class Problem {
 public:
  virtual ~Problem() = default;

  virtual Precision precision() const = 0;
  /// d.
  virtual std::size_t parameters() const = 0;
  /// What the parameters consist of, in order.
  virtual std::span<const Tensor> tensors() const = 0;
  /// Training samples in all; 0 for a problem without data.
  virtual std::size_t samples() const = 0;
  /// Of a training sample with its target, as the problem's numbers.
  virtual std::size_t bytes_per_sample() const = 0;
  /// Parts that the training data is split into, and the sizes of each.
  virtual std::span<const std::size_t> shard_sizes() const = 0;

  /// The same on every rank; in the constraint, if there is one.
  virtual Snapshot initial_parameters() const = 0;

  /// The gradient at `x` of the mean loss over a batch: the training samples with these places in the training data.
  /// No places mean all of the data in order, or, without data, a batch of `batch` draws of the noise.
  virtual Snapshot gradient(const Snapshot& x, std::span<const std::uint32_t> samples, std::size_t batch,
                            RandomStream noise) const = 0;
  /// Evaluates samples [begin, begin + count) of a split at `x`.
  virtual Evaluation evaluate(const Snapshot& x, Split split, std::size_t begin, std::size_t count) const = 0;
  /// Samples of a split; 1 for the training split of a problem without data (its objective itself).
  virtual std::size_t split_size(Split split) const = 0;
  /// What of the objective does not depend on data: the model's own regularizer, and the problem's.
  virtual double penalty(const Snapshot& x) const = 0;
  /// How far `x` is from being a solution, by the exact gradient over the samples of the training split; nothing for a
  /// problem with neither constraint nor regularizer.
  virtual std::optional<Optimality> optimality(const Snapshot& /*x*/) const { return std::nullopt; }
  virtual bool classifies() const = 0;

  virtual double flops_per_sample() const = 0;
  virtual double flops_per_batch() const = 0;

  /// The training samples of one shard, by their place in the training data.
  virtual std::span<const std::uint32_t> shard(std::size_t index) const = 0;
};

}  // namespace descent
