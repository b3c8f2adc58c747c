#pragma once

#include "algorithms/collectives/streamed_sum.hpp"
#include "algorithms/comm/communicator.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace descent {

/// A sum of vectors that come in any order, formed in the order of their indices: the same bits whatever the
/// order of arrival. Keeps only those that are ahead of the sum, and takes the time of adding each when its turn comes.
/// From the first deferred one on, kernels of this rank form it as the addends come.
class OrderedSum {
 public:
  OrderedSum(std::size_t count, Communicator& communicator)
      : communicator_(communicator), waiting_(count), here_(count) {}

  void add(std::size_t index, Snapshot addend);
  bool complete() const { return came_ == waiting_.size(); }
  /// The sum times `factor`; starts anew.
  Snapshot take(double factor);

 private:
  void take_turn(std::size_t size);
  void add_up(std::size_t size, Kernel kernel);
  void stream();
  void supply(std::size_t index, Snapshot addend);

  Communicator& communicator_;
  std::vector<Snapshot> waiting_;
  std::vector<bool> here_;
  std::size_t came_ = 0;
  /// Whose turn it is.
  std::size_t turn_ = 0;
  Snapshot sum_;
  /// The sum from index `streamed_from_` on, with what there was before as its first addend.
  std::shared_ptr<StreamedSum> streamed_;
  std::size_t streamed_from_ = 0;
  std::vector<Task> helpers_;
};

}  // namespace descent
