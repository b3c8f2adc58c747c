#pragma once

#include "algorithms/compression/compressor.hpp"
#include "algorithms/strategies/ordered_sum.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace descent {

class Learner;

/// The gradients of one update. They are summed in the order of workers, whatever the order of arrival; those of one
/// worker as they came. Compressed ones are kept as they are on the wire, and combined when all are there.
class GradientBatch {
 public:
  /// `all`: one gradient of each of the `count` workers, so each has its place beforehand and is added as it comes.
  GradientBatch(std::size_t count, bool all, Communicator& communicator)
      : count_(count), all_(all), sum_(count, communicator) {}
  /// From now on gradients come as `compressor` encodes them; they are of this part of the vector.
  void decode_with(std::shared_ptr<const Compressor> compressor, Part part, Learner& learner);

  void add(std::size_t worker, std::uint64_t staleness, Snapshot gradient);
  bool complete() const { return size() >= count_; }
  std::size_t size() const { return staleness_.size(); }
  /// Of each gradient, in the order of arrival.
  const std::vector<std::uint64_t>& staleness() const { return staleness_; }
  /// The sum of those that are here, times `factor`; starts anew.
  Snapshot take(double factor);

 private:
  struct Addend {
    std::size_t worker;
    Snapshot gradient;
  };
  Snapshot combined(double factor);

  std::size_t count_;
  bool all_;
  OrderedSum sum_;
  std::vector<Addend> waiting_;
  std::vector<std::uint64_t> staleness_;
  std::shared_ptr<const Compressor> compressor_;
  Part part_{};
  Learner* learner_ = nullptr;
};

}  // namespace descent
