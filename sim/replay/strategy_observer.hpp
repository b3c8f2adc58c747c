#pragma once

#include "algorithms/comm/observer.hpp"

#include <functional>
#include <utility>

namespace descent {

/// What strategies report of themselves, passed on, where a communicator stands before that of a world. What the
/// world's own reports, messages and how time was spent, is not reported again.
class StrategyObserver final : public Observer {
 public:
  /// `time`: what is passed on in place of the strategy's time.
  StrategyObserver(Observer& observer, std::function<double(double)> time, std::function<bool()> target_met)
      : observer_(observer), time_(std::move(time)), target_met_(std::move(target_met)) {}

  void initial(const Share& share, const Snapshot& parameters, double time) override {
    observer_.initial(share, parameters, time_(time));
  }
  void updated(const Update& update, double time) override { observer_.updated(update, time_(time)); }
  void wasted(double time) override { observer_.wasted(time_(time)); }
  void finished(const Share& share, const Snapshot& parameters, double time) override {
    observer_.finished(share, parameters, time_(time));
  }
  bool target_met() override { return target_met_(); }
  void died(double unfinished, double time) override { observer_.died(unfinished, time_(time)); }
  void recovered(const Recovered& what, double time) override { observer_.recovered(what, time_(time)); }

  /// Its times are those of messages: see Communicator::stamp.
  void collective(double begin, double end) override { observer_.collective(begin, end); }

  void sent(int /*to*/, std::uint64_t /*bytes*/, double /*time*/) override {}
  void sent_together(std::uint64_t /*messages*/, std::uint64_t /*bytes*/, double /*time*/) override {}
  void received(int /*from*/, std::uint64_t /*bytes*/, double /*sent_at*/, double /*time*/) override {}
  void spent(Activity /*activity*/, double /*begin*/, double /*end*/) override {}

 private:
  Observer& observer_;
  std::function<double(double)> time_;
  std::function<bool()> target_met_;
};

}  // namespace descent
