#include "algorithms/strategies/overlapped_sum.hpp"

#include <utility>

namespace descent {

OverlappedSum::OverlappedSum(const CollectiveChoice& choice, std::shared_ptr<const Compressor> compressor,
                             Communicator& communicator, Learner& learner, Group group, double bytes)
    : communicator_(communicator), learner_(learner), buckets_(learner.buckets(bytes)) {
  const auto program = [&choice, &learner, compressor = std::move(compressor), group = std::move(group),
                        lines = lines_](Communicator& second) {
    VectorSum sum(choice, compressor, second, learner, group);
    for (Addend addend = lines->addends.pop(second); !addend.mine.empty(); addend = lines->addends.pop(second)) {
      lines->sums.push(sum.of(std::exchange(addend.mine, {}), addend.part, addend.flag));
    }
  };
  second_ = communicator.spawn(1, program);
}

Reduced OverlappedSum::at(const Snapshot& x, std::optional<bool> flag) {
  learner_.gradient_by_buckets(x, buckets_, [&](const Bucket& bucket, Snapshot gradient) {
    const bool last = &bucket == &buckets_.back();
    lines_->addends.push({std::move(gradient), bucket.where, last ? flag : std::nullopt});
  });
  Reduced result;
  std::vector<Snapshot> sums(buckets_.size());
  for (std::size_t i = sums.size(); i > 0; --i) {
    Reduced bucket = lines_->sums.pop(communicator_);
    sums[i - 1] = std::move(bucket.sum);
    result.flagged = bucket.flagged;
  }
  result.sum = learner_.join_replica(sums);
  return result;
}

void OverlappedSum::finish() {
  lines_->addends.push({});
  communicator_.wait(second_);
}

}  // namespace descent
