#pragma once

#include "sim/schedule/flow_network.hpp"
#include "sim/schedule/schedule_timing.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace descent {

/// Who is told how a collective goes for the members of its group. Times are in seconds since the start of the run.
class PlayListener {
 public:
  virtual void transfer_began(int member, double now) = 0;
  virtual void transfer_ended(int member, double now) = 0;
  /// All its transfers are over.
  virtual void member_ended(int member, double now) = 0;

 protected:
  ~PlayListener() = default;
};

/// One call of a collective as flows of a network, for schedules whose transfers share links with one another or with
/// other traffic.
class SchedulePlayer final : private FlowOwner {
 public:
  /// All must outlive it, and it must live until every member has ended.
  SchedulePlayer(const ScheduleTiming& timing, FlowNetwork& network, PlayListener& listener);

  /// The member comes. `FlowNetwork::advance` makes the rest happen.
  void arrive(int member, double now);
  bool over() const { return ended_ == members_.size(); }

 private:
  struct Member {
    bool present = false;
    std::size_t round = 0;
    /// Transfers of this round that have not ended.
    std::size_t missing = 0;
  };

  void enter(std::size_t member, std::size_t round, double now);
  void begin(int from, int to, ChunkRange chunks, double now);
  void flow_ended(std::uint64_t number, double now) override;

  const ScheduleTiming& timing_;
  FlowNetwork& network_;
  PlayListener& listener_;
  std::vector<Member> members_;
  std::size_t ended_ = 0;
};

}  // namespace descent
