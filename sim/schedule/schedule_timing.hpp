#pragma once

#include "algorithms/collectives/schedule.hpp"
#include "sim/schedule/interconnect.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace descent {

/// How a collective went for each rank.
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

/// All rounds with the same peers: rank i sends to `to[i]` and takes from `from[i]`; itself stands for nobody.
struct Exchange {
  std::vector<int> to;
  std::vector<int> from;
  /// Of rank i's send.
  std::vector<const Route*> routes;
  /// Where every rank sends to the one that many places on, and takes from the one that many places before.
  std::optional<std::size_t> rotation;

  void find_rotation();
};

/// A schedule on an interconnect, prepared: what happens when ranks come to it at given times. A transfer starts when
/// both its ranks are in its round, and a rank is in the next round when all its transfers of this one have ended.
class ScheduleTiming {
 public:
  /// The vector has `elements` elements of `bytes_per_element`.
  ScheduleTiming(std::shared_ptr<const Schedule> schedule, Routes& routes, int ranks, std::size_t elements,
                 double bytes_per_element);

  const Schedule& schedule() const { return *schedule_; }
  int ranks() const { return ranks_; }
  /// Of each chunk.
  std::span<const double> bytes() const { return bytes_; }
  /// Of each rank.
  std::span<const Traffic> traffic() const { return traffic_; }

  /// Whether no transfer of it can slow another one down, so that a recurrence tells how it goes.
  bool contention_free() const { return exchanges_.has_value(); }
  /// `arrivals`: when each rank comes, in seconds. Precondition: contention_free. (Else: SchedulePlayer.)
  Passage recur(std::span<const double> arrivals) const;

 private:
  void prepare_rounds();
  bool no_link_is_too_busy(std::span<const Exchange> exchanges) const;

  std::shared_ptr<const Schedule> schedule_;
  Routes& routes_;
  int ranks_;
  std::vector<double> bytes_;
  std::vector<Traffic> traffic_;
  /// By pattern; where the recurrence holds.
  std::optional<std::vector<Exchange>> exchanges_;
};

}  // namespace descent
