#pragma once

#include "algorithms/collectives/chunked_vector.hpp"
#include "algorithms/collectives/collective_plan.hpp"
#include "algorithms/comm/communicator.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace descent {

/// The vectors of all members, and whether any raised its flag.
struct Gathered {
  std::vector<Snapshot> vectors;
  bool flagged = false;
};

/// Waits in a collective's place where it may have to be broken off, because a member is silent.
class Watch {
 public:
  virtual ~Watch() = default;
  /// As Communicator::first, without a deadline. Throws what breaks the collective off; the object that plays it is
  /// then of no more use.
  virtual First first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages) = 0;
};

/// Plays schedules over the seam, on any backend: one object per rank and line of execution. All members of a group
/// call the same methods in the same order, with vectors of the same size. No computing time is charged for additions.
/// Sums are added in the order of the allreduce's schedule, which is the same on all backends: the same bits
/// everywhere.
///
/// A collective has either reduce_scatter and all_gather, or reduce and broadcast, or neither (CollectiveRow::owners).
/// Methods throw InputError where it has not what they ask for, or cannot have so many ranks.
class Collective {
 public:
  /// `choice` must outlive it. `bytes_per_element` is what one element costs on the wire. Tags from `first_tag` on are
  /// its own: it uses kTags of them in turn. Groups may use the same tags, also at the same time where they share no
  /// rank. With a `watch`, which must outlive it, all goes by messages with their payload, also where the world knows a
  /// shorter way.
  Collective(const CollectiveChoice& choice, Communicator& communicator, Group group, double bytes_per_element,
             Tag first_tag, Watch* watch = nullptr);

  /// The sum of all members' `mine`.
  /// A flag that a rank raises comes along in the envelopes of the messages, at no cost, and is seen by all ranks;
  /// nothing, on all ranks, where nobody asks.
  Reduced allreduce(Snapshot mine, std::optional<bool> flag = std::nullopt);

  /// Elements of a vector of `size` whose sum is this rank's: parts of all members together are the whole. May be
  /// empty.
  Part owned(std::size_t size);
  /// Of the sum of all members' `mine`, this rank's part. Flags as in an allreduce.
  Reduced reduce_scatter(Snapshot mine, std::optional<bool> flag = std::nullopt);
  /// The whole of `size` elements, of which each member brings the part that it owns.
  Snapshot all_gather(Snapshot part, std::size_t size);
  /// The vectors that members bring, by member; `sizes` says how many elements each has. They go the ways of
  /// all_gather. Flags as in an allreduce.
  Gathered all_gather_each(Snapshot mine, std::span<const std::size_t> sizes, std::optional<bool> flag = std::nullopt);

  /// The sum of all members' `mine` for the first member; nothing for the others, who may be through before it.
  Snapshot reduce(Snapshot mine);
  /// The first member's vector, of `size` elements, for all. Others bring nothing.
  Snapshot broadcast(Snapshot mine, std::size_t size);

  /// Rounds that it takes with so many elements.
  std::size_t rounds(CollectiveOperation operation, std::size_t elements);
  /// How often a sum of so many elements computes an addend that is deferred (StreamedSum): 1, or more than that.
  std::size_t computations(std::size_t elements);

  static constexpr int kTags = 2;

 private:
  using Plan = std::shared_ptr<const CollectivePlan>;
  const Plan& plan_for(CollectiveOperation operation, std::size_t size);
  Reduced take_part(const Plan& plan, Snapshot mine, bool flagged);
  /// Tells the observer of a call that is over.
  void took_part(double begin);
  /// Plays a schedule by messages, which carry `chunks`; or nothing, where there are none. Returns whether a flag came
  /// along.
  bool play(const CollectivePlan& plan, ChunkedVector* chunks, bool flagged);
  bool take_receptions(const CollectivePlan& plan, double wanted, ChunkedVector* chunks);
  void apply(const CollectivePlan& plan, const Reception& reception, Snapshot payload, ChunkedVector* chunks);
  First first(std::span<const std::shared_ptr<Operation>> operations, std::span<const Expected> messages);

  const CollectiveChoice& choice_;
  Communicator& communicator_;
  Group group_;
  int member_;
  double bytes_per_element_;
  Tag first_tag_;
  Watch* watch_;
  std::uint64_t calls_ = 0;
  /// Of calls past, kept because schedules are costly to prepare for.
  std::map<std::pair<CollectiveOperation, std::size_t>, Plan> plans_;
  /// Of the newest round, kept for their memory: what this rank does, what it still waits for, and what has come before
  /// its turn, by reception.
  RoundPart part_;
  std::vector<Expected> awaited_;
  std::vector<std::optional<Snapshot>> early_;
};

}  // namespace descent
