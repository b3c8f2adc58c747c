#pragma once

#include "algorithms/comm/communicator.hpp"

#include <deque>
#include <functional>
#include <mutex>
#include <utility>

namespace descent {

/// What one line of a rank hands to another, in order.
template <class T>
class LineQueue {
 public:
  void push(T item) {
    std::unique_lock lock(mutex_);
    items_.push_back(std::move(item));
    const auto raise = std::exchange(waiting_, nullptr);
    lock.unlock();  // in simulation the other line may run before this one goes on
    if (raise) {
      raise();
    }
  }

  /// Waits until there is one. `communicator`: of the line that takes.
  T pop(Communicator& communicator) {
    for (;;) {
      std::unique_lock lock(mutex_);
      if (!items_.empty()) {
        T item = std::move(items_.front());
        items_.pop_front();
        return item;
      }
      const Signal signal = communicator.make_signal();
      waiting_ = signal.raise;
      lock.unlock();
      communicator.wait(signal.raised);
    }
  }

 private:
  std::mutex mutex_;
  std::deque<T> items_;
  /// Wakes the line that takes, where it waits.
  std::function<void()> waiting_;
};

}  // namespace descent
