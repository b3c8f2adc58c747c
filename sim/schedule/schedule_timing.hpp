#pragma once

#include "algorithms/collectives/collective_plan.hpp"
#include "sim/schedule/interconnect.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace descent {

/// How a collective went for each member of its group.
struct Passage {
  /// When it ends, in seconds since the start of the run.
  std::vector<double> end;
  /// Seconds during which a message of the rank's was on its way.
  std::vector<double> communicating;
};

/// What a rank sends in one collective.
struct Traffic {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

/// All rounds with the same peers, by member of the group: i sends to `to[i]` and takes from `from[i]`; itself stands
/// for nobody.
struct Exchange {
  explicit Exchange(std::size_t members);

  std::vector<int> to;
  std::vector<int> from;
  /// Of rank i's send: its way, and its bytes in the first of the rounds.
  std::vector<const Route*> routes;
  std::vector<double> bytes;
  /// Where every rank sends to the one that many places on, and takes from the one that many places before.
  std::optional<std::size_t> rotation;

  void find_rotation();
};

/// A collective on an interconnect, prepared: what happens when ranks come to it at given times. Its ranks are the
/// members of a group, by which all is told. A transfer starts when both its ranks are in its round, and a rank is in
/// the next round when all its transfers of this one have ended.
class ScheduleTiming {
 public:
  ScheduleTiming(std::shared_ptr<const CollectivePlan> plan, Group group, Routes& routes);

  const CollectivePlan& plan() const { return *plan_; }
  const Group& group() const { return group_; }
  /// Of each rank.
  std::span<const Traffic> traffic() const { return traffic_; }

  /// Whether no transfer of it can slow another one down, so that a recurrence tells how it goes.
  bool contention_free() const { return exchanges_.has_value(); }
  /// `arrivals`: when each rank comes, in seconds. Precondition: contention_free. (Else: SchedulePlayer.)
  Passage recur(std::span<const double> arrivals) const;

 private:
  void prepare_rounds();
  bool enter(int member, const RoundPart& part, Exchange& exchange);
  bool no_link_is_too_busy(std::span<const Exchange> exchanges) const;

  std::shared_ptr<const CollectivePlan> plan_;
  Group group_;
  Routes& routes_;
  /// Of each chunk.
  std::vector<double> bytes_;
  std::vector<Traffic> traffic_;
  /// By pattern; where the recurrence holds.
  std::optional<std::vector<Exchange>> exchanges_;
};

}  // namespace descent
