#include "algorithms/strategies/ordered_sum.hpp"

#include "algorithms/collectives/coordinator.hpp"
#include "algorithms/collectives/streamed_sum.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <thread>
#include <utility>

namespace descent {

void OrderedSum::add(std::size_t index, Snapshot addend) {
  ++came_;
  waiting_[index] = std::move(addend);
  while (next_ < waiting_.size() && !waiting_[next_].empty() && !waiting_[next_].is_deferred()) {
    Snapshot term = std::exchange(waiting_[next_], {});
    sum_ = next_ == 0 ? std::move(term) : sum(std::move(sum_), std::move(term));
    ++next_;
  }
}

Snapshot OrderedSum::take(double factor, Communicator& communicator) {
  if (next_ < waiting_.size()) {
    add_deferred(communicator);
  }
  Buffer sum = Buffer::from(std::exchange(sum_, {}));
  sum.scale(factor);
  came_ = 0;
  next_ = 0;
  return std::move(sum).freeze();
}

/// The order of indices is that in which a coordinator adds.
void OrderedSum::add_deferred(Communicator& communicator) {
  std::vector<Snapshot> addends;
  if (next_ > 0) {
    addends.push_back(std::exchange(sum_, {}));
  }
  for (; next_ < waiting_.size(); ++next_) {
    addends.push_back(std::exchange(waiting_[next_], {}));
  }
  const int count = static_cast<int>(addends.size());
  const auto streamed =
      std::make_shared<StreamedSum>(std::make_shared<SumOrder>(CoordinatorSchedule(count), count), std::move(addends));
  std::vector<Task> helpers(std::max(1U, std::thread::hardware_concurrency()));
  for (Task& helper : helpers) {
    helper = communicator.start({}, [streamed] { streamed->work(); });
  }
  for (const Task& helper : helpers) {
    communicator.wait(helper);
  }
  sum_ = std::move(*streamed).take();
}

}  // namespace descent
