#include "algorithms/strategies/ordered_sum.hpp"

#include "algorithms/collectives/coordinator.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace descent {

void OrderedSum::add(std::size_t index, Snapshot addend) {
  const std::size_t size = addend.size();
  ++came_;
  here_[index] = true;
  if (streamed_) {
    supply(index, std::move(addend));
  } else {
    waiting_[index] = std::move(addend);
  }
  for (; turn_ < here_.size() && here_[turn_]; ++turn_) {
    if (!streamed_ && waiting_[turn_].is_deferred()) {
      stream();
    }
    take_turn(size);
  }
}

void OrderedSum::take_turn(std::size_t size) {
  Kernel kernel;
  if (!streamed_) {
    Snapshot term = std::exchange(waiting_[turn_], {});
    if (turn_ == 0) {
      sum_ = std::move(term);
      return;
    }
    kernel = [this, term = std::move(term)]() mutable { sum_ = sum(std::move(sum_), std::move(term)); };
  }
  if (turn_ > 0) {
    add_up(size, std::move(kernel));
  }
}

/// What so many additions take.
void OrderedSum::add_up(std::size_t size, Kernel kernel) {
  communicator_.compute({static_cast<double>(size), std::nullopt, 1, WorkKind::reduction}, std::move(kernel));
}

/// The order of indices is that in which a coordinator adds.
void OrderedSum::stream() {
  const Snapshot& first = waiting_[turn_];
  const std::size_t before = turn_ > 0 ? 1 : 0;
  const int count = static_cast<int>(waiting_.size() - turn_ + before);
  streamed_ = std::make_shared<StreamedSum>(std::make_shared<SumOrder>(CoordinatorSchedule(count), count),
                                            first.precision(), first.size());
  streamed_from_ = turn_ - before;
  if (before > 0) {
    supply(streamed_from_, std::exchange(sum_, {}));
  }
  for (std::size_t index = turn_; index < waiting_.size(); ++index) {
    if (!waiting_[index].empty()) {
      supply(index, std::exchange(waiting_[index], {}));
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
  came_ = 0;
  turn_ = 0;
  here_.assign(here_.size(), false);
  const std::size_t size = sum_.size();
  Snapshot scaled;
  add_up(size, [&] {
    Buffer sum = Buffer::from(std::exchange(sum_, {}));
    sum.scale(factor);
    scaled = std::move(sum).freeze();
  });
  return scaled;
}

}  // namespace descent
