#pragma once

#include "sim/disturbance/outages.hpp"

#include <simgrid/forward.h>

#include <cstdint>
#include <list>
#include <map>
#include <optional>

namespace simgrid::kernel::timer {
class Timer;
}

namespace descent::simulated {

struct Cluster;
struct Node;

/// The lives of ranks: hosts go off, by what the scenario or the platform says, and all ranks there die; where ranks
/// recover, they begin anew as the host comes back. Once a rank has come to the end of its program, nothing happens to
/// hosts any more: the run is ending, and whoever is down then stays down.
class Lives {
 public:
  explicit Lives(Cluster& cluster) : cluster_(cluster) {}

  /// Ranks begin anew.
  void revive() { revives_ = true; }
  bool revives() const { return revives_; }
  /// What turns a host off.
  void add(simgrid::s4u::Host& host, Outages outages);

  /// Begins the first lives of all ranks.
  void begin();
  /// Turns a host off now, and on again after so many seconds. In SimGrid's kernel. False where nothing happens to
  /// hosts any more.
  bool crash(simgrid::s4u::Host& host, double repair_s);
  /// Nothing happens to hosts any more. In SimGrid's kernel.
  void stop();

 private:
  struct Cause {
    simgrid::s4u::Host* host = nullptr;
    Outages outages;
    simgrid::kernel::timer::Timer* timer = nullptr;
  };

  void begin_life(Node& node);
  void end_life(Node& node);
  void finish_if_all_have();
  /// SimGrid tells of a host that it has gone off or come back.
  void changed(const simgrid::s4u::Host& host);
  void schedule(Cause& cause);
  void turn_off(simgrid::s4u::Host& host);
  void turn_on(simgrid::s4u::Host& host);

  Cluster& cluster_;
  bool revives_ = false;
  /// One whose end was still to come when that was last asked.
  std::size_t awaited_ = 0;
  bool ending_ = false;
  /// In a list, because timers refer to them.
  std::list<Cause> causes_;
  /// Causes for which a host is off.
  std::map<const simgrid::s4u::Host*, int> off_;
  /// Failures in a row since the run came further, and how far it was.
  std::uint64_t in_vain_ = 0;
  std::uint64_t updates_then_ = 0;
};

}  // namespace descent::simulated
