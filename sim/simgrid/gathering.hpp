#pragma once

#include "algorithms/collectives/summation.hpp"
#include "algorithms/comm/communicator.hpp"
#include "sim/schedule/schedule_timing.hpp"
#include "sim/simgrid/simgrid_interconnect.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

namespace descent::simulated {

struct Cluster;
struct Node;
class Attendance;
class Inbox;

/// What all calls of one collective have in common.
struct KnownCollective {
  std::shared_ptr<const Schedule> schedule;
  std::size_t elements = 0;
  /// Made when the first sum is formed.
  std::shared_ptr<const SumOrder> order;
  /// Where schedules are evaluated and not played.
  std::unique_ptr<ScheduleTiming> timing;
};

/// One allreduce of all its ranks: gathers what they bring, forms the sum once and, at schedule fidelity, tells each
/// when it is over.
class Gathering : public std::enable_shared_from_this<Gathering> {
 public:
  Gathering(Cluster& cluster, KnownCollective& known, std::size_t ranks);

  void come(Node& node, Inbox& inbox, Contribution contribution);
  bool complete() const { return came_ == addends_.size(); }
  /// What the rank waits for; nothing where the schedule is played by messages.
  std::shared_ptr<Operation> attendance(int rank) const;
  /// Precondition: complete.
  Reduced outcome();
  /// "the others of an allreduce: 3 of 8 ranks are there, rank 2 is not"
  std::string describe() const;

 private:
  void add_up();
  void tell_ends();

  Cluster& cluster_;
  KnownCollective& known_;
  std::vector<Snapshot> addends_;
  std::vector<bool> here_;
  std::vector<double> arrivals_;
  std::vector<std::shared_ptr<Attendance>> attendances_;
  std::size_t came_ = 0;
  bool flagged_ = false;
  std::vector<std::future<void>> parts_;
  Buffer buffer_;
  Snapshot sum_;
};

/// The collectives of a run, by channel, tag and call.
class Gatherings {
 public:
  explicit Gatherings(Cluster& cluster) : cluster_(cluster) {}

  /// From now on schedules are evaluated on this network.
  void evaluate_on(std::unique_ptr<Interconnect> interconnect) { interconnect_ = std::move(interconnect); }
  bool evaluates() const { return interconnect_ != nullptr; }

  std::shared_ptr<Gathering> join(int channel, Node& node, Inbox& inbox, Contribution contribution);

  /// At schedule fidelity a message beside a collective would go unseen by it: throws RunError.
  void refuse_messages(int from, int to) const;
  /// Until when the newest collective lasts.
  void lasts_until(double time) { until_ = std::max(until_, time); }

 private:
  KnownCollective& know(int channel, const Contribution& contribution);

  Cluster& cluster_;
  std::unique_ptr<Interconnect> interconnect_;
  std::map<std::pair<int, Tag>, KnownCollective> known_;
  /// Those that not all of their ranks have come to.
  std::map<std::tuple<int, Tag, std::uint64_t>, std::shared_ptr<Gathering>> open_;
  double until_ = -1;
};

}  // namespace descent::simulated
