#include "algorithms/strategies/replica_balance.hpp"

#include <utility>

namespace descent {

ReplicaBalance::ReplicaBalance(const CollectiveChoice& choice, Communicator& communicator, Learner& learner,
                               int workers)
    : communicator_(communicator),
      learner_(learner),
      workers_(static_cast<std::size_t>(workers)),
      balance_(learner, workers_) {
  if (learner.balance().adapts()) {
    measurements_.emplace(choice, communicator, Group::first(workers), sizeof(double), kMeasurements);
  }
}

void ReplicaBalance::updated(std::uint64_t updates) {
  if (!learner_.balance().due(updates)) {
    return;
  }
  const auto me = static_cast<std::size_t>(communicator_.rank());
  Buffer mine = Buffer::zeros(Precision::double_precision, workers_);
  mine.as<double>()[static_cast<Eigen::Index>(me)] = learner_.seconds_per_sample();
  // Every element is one number and zeros, whose sum is exact in any order.
  const Snapshot all = measurements_->allreduce(std::move(mine).freeze()).sum;
  for (std::size_t worker = 0; worker < workers_; ++worker) {
    balance_.measured(worker, all.as<double>()[static_cast<Eigen::Index>(worker)]);
  }
  balance_.updated(updates);
  learner_.take_batch(balance_.batch(me));
  move_shards(balance_.moves(me), communicator_, learner_);
}

}  // namespace descent
