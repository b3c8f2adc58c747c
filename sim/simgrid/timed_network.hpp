#pragma once

#include "sim/schedule/flow_network.hpp"

#include <limits>
#include <memory>

namespace simgrid::kernel::timer {
class Timer;
}

namespace descent::simulated {

/// A network of our own, in simulated time: SimGrid knows of one timer, set to the next thing that happens in it.
class TimedNetwork {
 public:
  explicit TimedNetwork(std::unique_ptr<Interconnect> interconnect);

  Routes& routes() { return routes_; }
  FlowNetwork& flows() { return flows_; }

  /// In SimGrid's kernel, after flows have begun.
  void schedule();

 private:
  void happen();

  std::unique_ptr<Interconnect> interconnect_;
  Routes routes_{*interconnect_};
  FlowNetwork flows_{routes_};
  simgrid::kernel::timer::Timer* timer_ = nullptr;
  double due_ = std::numeric_limits<double>::infinity();
};

}  // namespace descent::simulated
