#include "algorithms/strategies/problem.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/memory.hpp"
#include "algorithms/core/units.hpp"
#include "algorithms/data/data_view.hpp"
#include "algorithms/data/partitions.hpp"
#include "algorithms/data/sources.hpp"
#include "algorithms/models/models.hpp"
#include "algorithms/strategies/problem_factory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace descent {
namespace {

template <class Real>
class TypedProblem final : public Problem {
 public:
  TypedProblem(const ProblemParts& parts, Sharing* sharing) : seed_(parts.seed), composite_(parts.composite) {
    ModelShape shape;
    if (parts.source) {
      const auto load = [&] { return load_data<Real>(*parts.source, parts.source_settings, parts.seed); };
      data_ = sharing != nullptr ? shared_view<Real>(*sharing, load) : view_of(load());
      shape = {data_.features, data_.classes};
      const std::vector<std::uint32_t> labels = labels_of(data_);
      partition_ = make_partition(parts.partition, parts.partition_settings,
                                  {data_.train.size(), parts.shards, labels, parts.seed});
    } else {
      // Without data every worker draws its own noise; there is nothing to divide.
      partition_.resize(parts.shards);
    }
    for (const auto& shard : partition_) {
      shard_sizes_.push_back(shard.size());
    }
    loss_samples_ = std::min(parts.loss_samples.value_or(data_.train.size()), data_.train.size());
    model_ = find_model(parts.model).make<Real>()(parts.model_settings, shape, parts.seed);
    tensors_ = model_->tensors();
    const double bytes = static_cast<double>(parameters()) * static_cast<double>(sizeof(Real));
    if (bytes > memory_available()) {
      throw InputError(fmt::format("model {}: {} parameters take {}; available: {} of memory", parts.model,
                                   parameters(), format_bytes(bytes), format_bytes(memory_available())));
    }
    Buffer x(precision(), parameters());
    model_->initialize(x.as<Real>(), RandomStream(parts.seed, Purpose::initial_parameters));
    composite_.project(x);
    initial_ = std::move(x).freeze();
  }

  Precision precision() const override { return precision_of<Real>; }
  std::size_t parameters() const override { return model_->parameters(); }
  std::span<const Tensor> tensors() const override { return tensors_; }
  std::size_t samples() const override { return data_.train.size(); }
  std::size_t bytes_per_sample() const override {
    return (static_cast<std::size_t>(data_.train.inputs().rows()) + 1) * sizeof(Real);
  }
  std::span<const std::size_t> shard_sizes() const override { return shard_sizes_; }
  std::span<const std::uint32_t> shard(std::size_t index) const override { return partition_[index]; }
  bool classifies() const override { return model_->classifies(); }
  double flops_per_sample() const override { return model_->flops_per_sample(); }
  double flops_per_batch() const override { return model_->flops_per_batch(); }

  Snapshot initial_parameters() const override { return initial_; }

  Snapshot gradient(const Snapshot& x, std::span<const std::uint32_t> samples, std::size_t batch,
                    RandomStream noise) const override {
    Buffer result(precision(), parameters());
    const SampleView<Real>& train = data_.train;
    const auto all = train.inputs();
    const auto all_targets = train.targets();
    if (samples.empty()) {
      model_->gradient(x.as<Real>(), {all, all_targets, batch, noise}, result.as<Real>());
      return std::move(result).freeze();
    }
    Matrix<Real> inputs(all.rows(), static_cast<Eigen::Index>(samples.size()));
    Vector<Real> targets(static_cast<Eigen::Index>(samples.size()));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto column = static_cast<Eigen::Index>(i);
      inputs.col(column) = all.col(samples[i]);
      targets(column) = all_targets(samples[i]);
    }
    model_->gradient(x.as<Real>(), {inputs, targets, batch, noise}, result.as<Real>());
    return std::move(result).freeze();
  }

  std::size_t split_size(Split split) const override {
    if (split == Split::test) {
      return data_.test.size();
    }
    return data_.train.size() == 0 ? 1 : loss_samples_;
  }

  Evaluation evaluate(const Snapshot& x, Split split, std::size_t begin, std::size_t count) const override {
    const SampleView<Real>& samples = split == Split::train ? data_.train : data_.test;
    const auto first = samples.size() == 0 ? 0 : static_cast<Eigen::Index>(begin);
    const auto length = samples.size() == 0 ? 0 : static_cast<Eigen::Index>(count);
    return model_->evaluate(
        x.as<Real>(), {samples.inputs().middleCols(first, length), samples.targets().segment(first, length), count,
                       RandomStream(seed_, Purpose::test)});
  }

  double penalty(const Snapshot& x) const override {
    return model_->penalty(x.as<Real>()) + (composite_.regularizer ? composite_.regularizer->value(x) : 0);
  }

  std::optional<Optimality> optimality(const Snapshot& x) const override {
    return composite_.empty() ? std::nullopt : std::optional(optimality_of(composite_, x, exact_gradient(x)));
  }

 private:
  /// Over the samples that the training loss is evaluated on.
  Snapshot exact_gradient(const Snapshot& x) const {
    constexpr std::size_t kAtOnce = 1024;  // bounds what a model keeps of a batch
    const std::size_t samples = split_size(Split::train);
    Buffer sum = Buffer::zeros(precision(), parameters());
    Vector<Real> part(static_cast<Eigen::Index>(parameters()));
    for (std::size_t begin = 0; begin < samples; begin += kAtOnce) {
      const std::size_t count = std::min(kAtOnce, samples - begin);
      const auto first = static_cast<Eigen::Index>(begin);
      const auto length = data_.train.size() == 0 ? 0 : static_cast<Eigen::Index>(count);
      model_->gradient(x.as<Real>(),
                       {data_.train.inputs().middleCols(first, length), data_.train.targets().segment(first, length),
                        count, std::nullopt},
                       part);
      sum.as<Real>() += static_cast<Real>(static_cast<double>(count) / static_cast<double>(samples)) * part;
    }
    return std::move(sum).freeze();
  }

  static std::vector<std::uint32_t> labels_of(const DataView<Real>& data) {
    std::vector<std::uint32_t> labels;
    if (data.classes > 0) {
      for (const Real target : data.train.targets()) {
        labels.push_back(static_cast<std::uint32_t>(target));
      }
    }
    return labels;
  }

  std::uint64_t seed_;
  Composite composite_;
  DataView<Real> data_;
  Partition partition_;
  std::vector<std::size_t> shard_sizes_;
  std::size_t loss_samples_ = 0;
  std::unique_ptr<Model<Real>> model_;
  std::vector<Tensor> tensors_;
  Snapshot initial_;
};

}  // namespace

std::shared_ptr<const Problem> make_problem(const ProblemParts& parts, Sharing* sharing) {
  if (parts.precision == Precision::single_precision) {
    return std::make_shared<TypedProblem<float>>(parts, sharing);
  }
  return std::make_shared<TypedProblem<double>>(parts, sharing);
}

}  // namespace descent
