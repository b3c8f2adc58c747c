#include "sim/simgrid/timed_network.hpp"

#include "sim/simgrid/operations.hpp"

#include <simgrid/kernel/Timer.hpp>

namespace descent::simulated {

using simgrid::kernel::timer::Timer;

TimedNetwork::TimedNetwork(std::unique_ptr<Interconnect> interconnect) : interconnect_(std::move(interconnect)) {}

/// A timer that comes too early does no harm: it looks, and is set again.
void TimedNetwork::schedule() {
  const double next = flows_.next();
  if (next >= due_) {
    return;
  }
  if (timer_ != nullptr) {
    timer_->remove();
  }
  due_ = next;
  timer_ = Timer::set(next, [this] { happen(); });
}

void TimedNetwork::happen() {
  timer_ = nullptr;
  // Not before all is advanced: owners begin flows meanwhile, and each would set a timer.
  due_ = -1;
  flows_.advance(clock_now());
  due_ = std::numeric_limits<double>::infinity();
  schedule();
}

}  // namespace descent::simulated
