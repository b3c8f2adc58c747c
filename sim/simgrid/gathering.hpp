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
#include <utility>
#include <vector>

namespace descent::simulated {

struct Cluster;
struct Node;
class Attendance;
class Inbox;

/// What all calls of one collective of one group have in common.
struct KnownCollective {
  int channel = 0;
  std::shared_ptr<const CollectivePlan> plan;
  Group group;
  /// Made when the first sum is formed.
  std::shared_ptr<const SumOrder> order;
  /// Where schedules are evaluated and not played.
  std::unique_ptr<ScheduleTiming> timing;
  /// It is told at once when it ends: nothing can slow it down or delay it, and its ranks need what each has brought,
  /// so that none ends before the last has come. Only of all ranks together: groups of some are under way at the same
  /// time.
  bool told = false;
};

/// One collective of all its group: gathers what members bring, forms the whole vector once and, at schedule fidelity,
/// tells each when it is over: as its flows end, or, where the collective is told at once, when the last one comes.
class Gathering final : public std::enable_shared_from_this<Gathering>, private PlayListener {
 public:
  Gathering(Cluster& cluster, std::shared_ptr<KnownCollective> known);

  void come(Node& node, Inbox& inbox, Contribution contribution);
  /// All have come, and no flow of it is under way.
  bool over() const { return came_ == attendances_.size() && (!player_ || player_->over()); }
  /// Its ends are told at once, when the last rank comes.
  bool is_told() const { return known_->told; }
  /// What the member waits for; nothing where the schedule is played by messages.
  std::shared_ptr<Operation> attendance(int member) const;
  /// Precondition: all whose contributions are in it have come.
  Reduced outcome();
  /// "the others of an allreduce (3 of 8 ranks are there, rank 2 is not)"
  std::string describe() const;

 private:
  void form();
  void add_at_hand();
  void add_deferred();
  void join();
  void tell_ends();
  void play(int member);
  void transfer_began(int member, double now) override;
  void transfer_ended(int member, double now) override;
  void member_ended(int member, double now) override;

  Cluster& cluster_;
  std::shared_ptr<KnownCollective> known_;
  // By member.
  std::vector<Snapshot> contributions_;
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
  std::optional<Snapshot> whole_;
};

/// The collectives of a run, by channel, tag, group and call.
class Gatherings {
 public:
  explicit Gatherings(Cluster& cluster) : cluster_(cluster) {}

  std::shared_ptr<Gathering> join(int channel, Node& node, Inbox& inbox, Contribution contribution);

  /// Ends that are told at once hold where nothing else uses the network meanwhile. Throws RunError where something
  /// does: a message, or a collective of another line.
  void refuse_messages(int from, int to) const;
  void tell(int channel, double begin, double end);

 private:
  /// Channel, tag and group.
  using Line = std::tuple<int, Tag, Group>;

  std::shared_ptr<KnownCollective> know(const Line& line, const Contribution& contribution);

  Cluster& cluster_;
  /// The newest few of each line, the newest first: a line may use several in turn, for vectors of several sizes.
  std::map<Line, std::vector<std::shared_ptr<KnownCollective>>> known_;
  /// Those that not all of their ranks have come to, or that have flows under way; by line and call.
  std::map<std::pair<Line, std::uint64_t>, std::shared_ptr<Gathering>> open_;
  /// The newest whose ends have been told at once.
  int told_channel_ = 0;
  double told_until_ = -1;
};

}  // namespace descent::simulated
