#pragma once

#include "algorithms/comm/observer.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace descent {

/// What a rank does with its time, for implementations of the seam: it computes while it has a task, else
/// communicates while a message of its own leaves or arrives, else idles. Reports every stretch to the observer, one
/// after the other without gaps. Tasks and transfers that overlap count once. Times are seconds since the start of
/// the run.
class Occupation {
 public:
  using Ticket = std::uint64_t;

  explicit Occupation(Observer& observer) : observer_(observer) {}

  Ticket task_begins(double now);
  /// The task's end is known, now or in the future. May be called again with an earlier end.
  void task_ends(Ticket task, double end, double now);

  /// A message has been on its way since `since`, which may be before anybody here could know.
  void transfer_begins(double since, double now);
  void transfer_ends(double now);

  /// The rank dies, with all that it has under way, and begins anew.
  void die(double now);
  void revive(double now);

  /// The run is over for this rank: reports the last stretch. What comes after is not counted.
  void finish(double now);

 private:
  struct Task {
    Ticket ticket;
    double end;
  };

  /// Ends the tasks whose time has come, in the order of their ends.
  void advance(double now);
  void become(Activity activity, double at);
  void rest(double at) { become(transfers_ > 0 ? Activity::communicate : Activity::idle, at); }
  void change(Activity activity, double at);

  Observer& observer_;
  Activity activity_ = Activity::idle;
  double since_ = 0;
  std::vector<Task> tasks_;
  Ticket next_ = 0;
  std::size_t transfers_ = 0;
  bool finished_ = false;
};

}  // namespace descent
