#pragma once

#include "algorithms/comm/observer.hpp"

#include <mutex>

namespace descent::mpi {

/// Lines of one rank are threads here, and observers know of none: one call at a time.
class LockedObserver final : public Observer {
 public:
  explicit LockedObserver(Observer& observer) : observer_(observer) {}

  void initial(const Share& share, const Snapshot& parameters, double time) override {
    const std::lock_guard lock(mutex_);
    observer_.initial(share, parameters, time);
  }
  void updated(const Update& update, double time) override {
    const std::lock_guard lock(mutex_);
    observer_.updated(update, time);
  }
  void wasted(double time) override {
    const std::lock_guard lock(mutex_);
    observer_.wasted(time);
  }
  void finished(const Share& share, const Snapshot& parameters, double time) override {
    const std::lock_guard lock(mutex_);
    observer_.finished(share, parameters, time);
  }
  bool target_met() override {
    const std::lock_guard lock(mutex_);
    return observer_.target_met();
  }
  void died(double unfinished, double time) override {
    const std::lock_guard lock(mutex_);
    observer_.died(unfinished, time);
  }
  void recovered(const Recovered& what, double time) override {
    const std::lock_guard lock(mutex_);
    observer_.recovered(what, time);
  }
  void sent(int to, std::uint64_t bytes, double time) override {
    const std::lock_guard lock(mutex_);
    observer_.sent(to, bytes, time);
  }
  void sent_together(std::uint64_t messages, std::uint64_t bytes, double time) override {
    const std::lock_guard lock(mutex_);
    observer_.sent_together(messages, bytes, time);
  }
  void received(int from, std::uint64_t bytes, double sent_at, double time) override {
    const std::lock_guard lock(mutex_);
    observer_.received(from, bytes, sent_at, time);
  }
  void spent(Activity activity, double begin, double end) override {
    const std::lock_guard lock(mutex_);
    observer_.spent(activity, begin, end);
  }
  void collective(double begin, double end) override {
    const std::lock_guard lock(mutex_);
    observer_.collective(begin, end);
  }

 private:
  std::mutex mutex_;
  Observer& observer_;
};

}  // namespace descent::mpi
