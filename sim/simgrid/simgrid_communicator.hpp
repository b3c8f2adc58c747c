#pragma once

#include "algorithms/comm/communicator.hpp"
#include "algorithms/comm/occupation.hpp"
#include "sim/pool/kernel_pool.hpp"
#include "sim/simgrid/gathering.hpp"
#include "sim/simgrid/gradient_memory.hpp"
#include "sim/simgrid/inbox.hpp"
#include "sim/simgrid/lives.hpp"
#include "sim/simgrid/message_costs.hpp"
#include "sim/simgrid/simgrid_world.hpp"
#include "sim/simgrid/timed_network.hpp"

#include <simgrid/s4u.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace descent::simulated {

class Computation;

/// One rank: its host, what it does with its time, and the inboxes of its lines.
struct Node {
  explicit Node(SimulatedRank simulated) : description(std::move(simulated)), occupation(*description.observer) {}

  int rank = 0;
  simgrid::s4u::Host* host = nullptr;
  SimulatedRank description;
  /// By channel; nothing where no line has begun and no message has been sent.
  std::vector<std::unique_ptr<Inbox>> inboxes;
  Occupation occupation;
  /// Computations under way.
  std::size_t tasks = 0;
  bool finished = false;
  /// Its host is on, and which of its lives it is in.
  bool alive = false;
  int life = 0;
  /// When its host went off under it, if it has not begun anew since.
  std::optional<double> died;
  /// When it gave up, and what it waited for.
  std::optional<std::pair<double, std::string>> gave_up;
  /// What its lives have stored, with the bytes that it is charged; and until when writes are under way.
  std::map<std::string, std::pair<Stored, std::uint64_t>> durable;
  double writing_until = 0;
  /// Executions that were cancelled, and when.
  std::vector<std::pair<double, simgrid::s4u::ActivityPtr>> cancelled;

  Inbox& inbox(int channel);
};

/// A message that has not come: a host or the way was off, or the network lost it.
struct Loss {
  double time = 0;
  int from = 0;
  int to = 0;
  std::uint64_t bytes = 0;
};

/// What all ranks share.
struct Cluster {
  std::vector<std::unique_ptr<Node>> nodes;
  std::uint64_t seed = 0;
  KernelPool* pool = nullptr;
  MessageCosts costs;
  /// At schedule fidelity: carries messages and collectives instead of SimGrid.
  std::unique_ptr<TimedNetwork> network;
  /// Of messages; nothing where none is delayed.
  std::optional<Jitter> jitter;
  /// Nothing where the network loses no message but those of hosts and links that are off.
  std::optional<NetworkFaults> faults;
  GradientMemory gradient_memory{GradientMemory::kDefault};
  DurableMemory durable_memory;
  Lives lives{*this};
  /// The most updates that the run has come to.
  std::uint64_t updates = 0;
  /// When the last rank came to the end of its program.
  double end = 0;
  Gatherings gatherings{*this};
  std::exception_ptr failure;
  /// The first few of those lost.
  std::vector<Loss> losses;
  std::size_t lost = 0;

  void lose(const Loss& loss);
  /// Keeps the first error and ends the simulation.
  void fail(std::exception_ptr error);
};

/// The seam on SimGrid: time is simulated, kernels run on the pool meanwhile.
class SimGridCommunicator final : public Communicator {
 public:
  SimGridCommunicator(Cluster& cluster, Node& node, int channel);

  int rank() const override { return node_.rank; }
  int size() const override { return static_cast<int>(cluster_.nodes.size()); }
  double now() const override;
  int life() const override { return life_; }
  Request store(const std::string& name, Stored what, std::uint64_t bytes) override;
  std::optional<Stored> recall(const std::string& name) override;
  void forget(const std::string& name) override;
  Task start(const Work& work, Kernel kernel) override;
  void compute(const Work& work, Kernel kernel) override;
  Snapshot compute_vector(const Work& work, Snapshot deferred, std::size_t computations) override;
  void cancel(const Task& task) override;
  Signal make_signal() override;
  Line spawn(int channel, std::function<void(Communicator&)> program) override;
  std::unique_ptr<Meeting> meet(Contribution contribution) override;

 protected:
  Request do_send(int to, Message message) override;
  First do_first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages,
                 double deadline) override;

 private:
  Task begin(const Work& work, Kernel kernel);
  template <class F>
  void outlive_kernels(F&& f);
  /// The line handles a message meanwhile.
  void spend(double seconds);
  /// The host goes off before this training step, if the scenario says so.
  void die_before(const std::optional<std::uint64_t>& step);
  void remember(const std::shared_ptr<Computation>& task);

  Cluster& cluster_;
  Node& node_;
  int channel_;
  int life_;
  Inbox& inbox_;
  /// Computations that may be running; those that ended are dropped now and then.
  std::vector<std::weak_ptr<Computation>> computations_;
};

/// The life of one line: runs `program`, keeps its first error in the cluster and ends the simulation on it.
void run_line(Cluster& cluster, Node& node, int channel, const std::function<void(Communicator&)>& program);

/// Makes SimGrid report the end of every activity to the operations above. Once per process, after the engine
/// is made.
void connect_completions();

/// Follows what profiles do to hosts and links; once per process, before the platform is loaded. SimGrid 3.32 lets a
/// computation or message go on at its old speed where a profile sets the speed to zero: the run fails instead.
void watch_profiles(Cluster& cluster);
/// Throws RunError when what is about to begin would need a host or link that a profile has stopped so.
void refuse_stopped(const simgrid::s4u::Host& host);
void refuse_stopped_links(const simgrid::s4u::Host* from, const simgrid::s4u::Host* to);
/// Whether a link between them is off: SimGrid never tells us of the end of a message that fails as it begins.
bool is_cut(const simgrid::s4u::Host* from, const simgrid::s4u::Host* to);

}  // namespace descent::simulated
