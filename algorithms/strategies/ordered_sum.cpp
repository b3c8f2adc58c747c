#include "algorithms/strategies/ordered_sum.hpp"

#include "algorithms/collectives/coordinator.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace descent {

void OrderedSum::add(std::size_t index, Snapshot addend) {
  ++came_;
  if (streamed_) {
    supply(index, std::move(addend));
    return;
  }
  waiting_[index] = std::move(addend);
  while (next_ < waiting_.size() && !waiting_[next_].empty()) {
    if (waiting_[next_].is_deferred()) {
      stream();
      return;
    }
    Snapshot term = std::exchange(waiting_[next_], {});
    sum_ = next_ == 0 ? std::move(term) : sum(std::move(sum_), std::move(term));
    ++next_;
  }
}

/// The order of indices is that in which a coordinator adds.
void OrderedSum::stream() {
  const Snapshot& first = waiting_[next_];
  const std::size_t before = next_ > 0 ? 1 : 0;
  const int count = static_cast<int>(waiting_.size() - next_ + before);
  streamed_ = std::make_shared<StreamedSum>(std::make_shared<SumOrder>(CoordinatorSchedule(count), count),
                                            first.precision(), first.size());
  streamed_from_ = next_ - before;
  if (before > 0) {
    supply(streamed_from_, std::exchange(sum_, {}));
  }
  for (; next_ < waiting_.size(); ++next_) {
    if (!waiting_[next_].empty()) {
      supply(next_, std::exchange(waiting_[next_], {}));
    }
  }
}

void OrderedSum::supply(std::size_t index, Snapshot addend) {
  const std::size_t most = std::max(1U, std::thread::hardware_concurrency());
  if (streamed_->supply(index - streamed_from_, std::move(addend), most)) {
    helpers_.push_back(communicator_.start({}, [streamed = streamed_] { streamed->work(); }));
  }
}

Snapshot OrderedSum::take(double factor) {
  for (const Task& helper : std::exchange(helpers_, {})) {
    communicator_.wait(helper);
  }
  if (streamed_) {
    sum_ = std::move(*std::exchange(streamed_, nullptr)).take();
  }
  Buffer sum = Buffer::from(std::exchange(sum_, {}));
  sum.scale(factor);
  came_ = 0;
  next_ = 0;
  return std::move(sum).freeze();
}

}  // namespace descent
