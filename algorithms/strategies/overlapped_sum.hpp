#pragma once

#include "algorithms/comm/line_queue.hpp"
#include "algorithms/strategies/learner.hpp"
#include "algorithms/strategies/vector_sum.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace descent {

/// The sum of all replicas' gradients, bucket by bucket while the backward pass goes on: a second line of each rank
/// sums one bucket after the other, in the order in which they are complete.
class OverlappedSum {
 public:
  /// The group takes part. `choice` must outlive it. `bytes`: see buckets_of.
  OverlappedSum(const CollectiveChoice& choice, std::shared_ptr<const Compressor> compressor,
                Communicator& communicator, Learner& learner, Group group, double bytes);

  /// Computes the gradient at `x` and takes part in the sum; `flag` as in an allreduce.
  Reduced at(const Snapshot& x, std::optional<bool> flag);
  /// Ends the second line. To be called when no sum comes any more.
  void finish();

 private:
  struct Addend {
    /// Empty: there is nothing more to sum.
    Snapshot mine;
    Part part{};
    std::optional<bool> flag;
  };
  struct Lines {
    LineQueue<Addend> addends;
    LineQueue<Reduced> sums;
  };

  Communicator& communicator_;
  Learner& learner_;
  std::vector<Bucket> buckets_;
  /// Both lines hold it.
  std::shared_ptr<Lines> lines_ = std::make_shared<Lines>();
  Line second_;
};

}  // namespace descent
