#pragma once

#include "algorithms/collectives/streamed_sum.hpp"
#include "algorithms/collectives/summation.hpp"
#include "algorithms/comm/communicator.hpp"
#include "sim/schedule/schedule_player.hpp"
#include "sim/schedule/schedule_timing.hpp"

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

namespace descent::simulated {

struct Cluster;
struct Node;
class Attendance;
class Inbox;

/// What all calls of one collective have in common.
struct KnownCollective {
  int channel = 0;
  std::shared_ptr<const Schedule> schedule;
  std::size_t elements = 0;
  /// Made when the first sum is formed.
  std::shared_ptr<const SumOrder> order;
  /// Where schedules are evaluated and not played.
  std::unique_ptr<ScheduleTiming> timing;
};

/// One allreduce of all its ranks: gathers what they bring, forms the sum once and, at schedule fidelity, tells each
/// when it is over: where the schedule is free of contention when the last one comes, else as its flows end.
class Gathering final : public std::enable_shared_from_this<Gathering>, private PlayListener {
 public:
  Gathering(Cluster& cluster, std::shared_ptr<KnownCollective> known, std::size_t ranks);

  void come(Node& node, Inbox& inbox, Contribution contribution);
  /// All have come, and no flow of it is under way.
  bool over() const { return came_ == attendances_.size() && (!player_ || player_->over()); }
  /// Its ends are told at once, when the last rank comes.
  bool is_told() const { return known_->timing && known_->timing->contention_free(); }
  /// What the rank waits for; nothing where the schedule is played by messages.
  std::shared_ptr<Operation> attendance(int rank) const;
  /// Precondition: all have come.
  Reduced outcome();
  /// "the others of an allreduce: 3 of 8 ranks are there, rank 2 is not"
  std::string describe() const;

 private:
  void add_up();
  void add_at_hand();
  void add_deferred();
  void tell_ends();
  void play(int rank);
  void transfer_began(int rank, double now) override;
  void transfer_ended(int rank, double now) override;
  void rank_ended(int rank, double now) override;

  Cluster& cluster_;
  std::shared_ptr<KnownCollective> known_;
  std::vector<Snapshot> addends_;
  std::vector<bool> here_;
  std::vector<double> arrivals_;
  std::vector<std::shared_ptr<Attendance>> attendances_;
  std::optional<SchedulePlayer> player_;
  std::size_t came_ = 0;
  bool flagged_ = false;
  std::vector<std::future<void>> parts_;
  Buffer buffer_;
  /// In place of `buffer_` where addends are deferred.
  std::shared_ptr<StreamedSum> streamed_;
  Snapshot sum_;
};

/// The collectives of a run, by channel, tag and call.
class Gatherings {
 public:
  explicit Gatherings(Cluster& cluster) : cluster_(cluster) {}

  std::shared_ptr<Gathering> join(int channel, Node& node, Inbox& inbox, Contribution contribution);

  /// Ends that are told at once hold where nothing else uses the network meanwhile. Throws RunError where something
  /// does: a message, or a collective of another line.
  void refuse_messages(int from, int to) const;
  void tell(int channel, double begin, double end);

 private:
  std::shared_ptr<KnownCollective> know(int channel, const Contribution& contribution);

  Cluster& cluster_;
  std::map<std::pair<int, Tag>, std::shared_ptr<KnownCollective>> known_;
  /// Those that not all of their ranks have come to, or that have flows under way.
  std::map<std::tuple<int, Tag, std::uint64_t>, std::shared_ptr<Gathering>> open_;
  /// The newest whose ends have been told at once.
  int told_channel_ = 0;
  double told_until_ = -1;
};

}  // namespace descent::simulated
