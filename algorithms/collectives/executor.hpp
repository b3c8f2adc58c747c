#pragma once

#include "algorithms/collectives/schedule.hpp"
#include "algorithms/comm/communicator.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// Plays schedules over the seam, on any backend: one object per rank and line of execution.
class Collective {
 public:
  /// The first `ranks` ranks of the communicator take part. `bytes_per_element` is what one element costs on
  /// the wire. Tags from `first_tag` on are its own: it uses kTags of them in turn.
  Collective(const CollectiveRow& row, Communicator& communicator, int ranks, double bytes_per_element, Tag first_tag);

  /// The sum of all ranks' `mine`, added in the schedule's order, which is the same on both backends: the
  /// same bits on every rank. All must have the same size. No computing time is charged for the additions.
  /// A flag that a rank raises comes along in the envelopes of the messages, at no cost, and is seen by all ranks;
  /// nothing, on all ranks, where nobody asks.
  Reduced allreduce(Snapshot mine, std::optional<bool> flag = std::nullopt);

  /// Rounds that one allreduce of so many elements takes.
  std::size_t rounds(std::size_t elements) const;

  /// How often a sum of so many elements computes an addend that is deferred: see StreamedSum.
  std::size_t computations(std::size_t elements) const;

  static constexpr int kTags = 2;

 private:
  /// Plays the schedule of a vector of `size` elements by messages, which carry `chunks`; or nothing, where there are
  /// none. Returns whether a flag came along.
  bool play(const Schedule& schedule, std::size_t size, std::vector<Snapshot>& chunks, bool flagged);
  bool take_receptions(Tag tag, std::vector<Snapshot>& chunks);
  std::shared_ptr<const Schedule> schedule_for(std::size_t size) const;

  const CollectiveRow& row_;
  Communicator& communicator_;
  int ranks_;
  double bytes_per_element_;
  Tag first_tag_;
  /// Two collectives in a row must not take each other's messages, and no rank can be two ahead.
  std::uint64_t calls_ = 0;
  /// Of the newest round, kept for their memory: what this rank does, what it still waits for, and what has come before
  /// its turn, by reception.
  RoundPart part_;
  std::vector<Expected> awaited_;
  std::vector<std::optional<Snapshot>> early_;
  /// Of the newest call: kept, because it is costly to prepare for.
  std::shared_ptr<const Schedule> schedule_;
};

}  // namespace descent
