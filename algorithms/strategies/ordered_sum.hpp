#pragma once

#include "algorithms/comm/communicator.hpp"

#include <cstddef>
#include <vector>

namespace descent {

/// A sum of vectors that come in any order, formed in the order of their indices: the same bits whatever the
/// order of arrival. Keeps only those that are ahead of the sum, and deferred ones with all that follow.
class OrderedSum {
 public:
  explicit OrderedSum(std::size_t count) : waiting_(count) {}

  void add(std::size_t index, Snapshot addend);
  bool complete() const { return came_ == waiting_.size(); }
  /// The sum times `factor`; starts anew. Deferred addends are computed in kernels of this rank, in no time.
  Snapshot take(double factor, Communicator& communicator);

 private:
  void add_deferred(Communicator& communicator);

  std::vector<Snapshot> waiting_;
  std::size_t came_ = 0;
  std::size_t next_ = 0;
  Snapshot sum_;
};

}  // namespace descent
