#pragma once

#include "algorithms/comm/communicator.hpp"
#include "sim/disturbance/charge.hpp"
#include "sim/disturbance/course.hpp"
#include "sim/disturbance/jitter.hpp"
#include "sim/disturbance/network_faults.hpp"
#include "sim/disturbance/outages.hpp"
#include "sim/pool/kernel_pool.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/simgrid/gradient_memory.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace descent {

/// Durable memory of every rank: bytes/s, and seconds that each access takes besides.
struct DurableMemory {
  double write_bps = 200e6;
  double read_bps = 400e6;
  double latency_s = 0;
};

/// One rank to be simulated.
struct SimulatedRank {
  std::string host;
  /// What the rank's computations are charged: see Slowdown.
  Charges charges;
  std::function<void(Communicator&)> program;
  Observer* observer = nullptr;
  std::vector<CrashAtStep> crashes = {};
  /// False: a line that begins a computation does nothing else until it is over, as over MPI without pacing.
  bool overlaps = true;
};

/// A SimGrid platform with ranks on its hosts. One per process, because SimGrid's engine is.
class SimGridWorld {
 public:
  /// Loads the platform. Errors of SimGrid's parser end the process in places: check files with probe_platform first.
  SimGridWorld(const std::filesystem::path& platform, const NetworkSettings& network, std::uint64_t seed,
               KernelPool& pool, GradientMemory gradient_memory = GradientMemory(GradientMemory::kDefault));
  ~SimGridWorld();
  SimGridWorld(const SimGridWorld&) = delete;
  SimGridWorld& operator=(const SimGridWorld&) = delete;

  void add(SimulatedRank rank);
  /// Ranks that die begin anew when their host is back, with what they have stored.
  void recover(const DurableMemory& memory);
  /// What turns a host off and on again.
  void fail(const std::string& host, Outages outages);
  /// The run has come to so many updates: it goes on, whatever fails.
  void reached(std::uint64_t updates);
  /// Makes a host run at so many times its speed over time. Once for a host, which has no profile in the platform.
  void change_speed(const std::string& host, const Course& speed);
  /// The same for a link's bandwidth and latency: at fidelity="message" only.
  /// `availability`: 0 while it carries nothing, and loses what is under way.
  void change_link(const std::string& link, const Course& bandwidth, const Course& latency, const Course& availability);
  /// Runs all ranks to their end and returns the simulated time at which the last one ended, in seconds. Throws
  /// what a rank's program threw; RunError when ranks died or wait for what never comes, saying who and for what. Where
  /// ranks recover, those that are down at the end are no error, nor are ranks that have given up on others since.
  double run();
  /// Delays messages at random. Before the run.
  void delay_messages(const Jitter& jitter);
  /// Loses messages. Before the run.
  void lose_messages(const NetworkFaults& faults);
  /// Those that have been lost, by whatever cause.
  std::size_t messages_lost() const;
  /// Which ranks did not come to their end, and why: a line for each.
  std::string absent() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool evaluates_schedules_;
};

}  // namespace descent
