#pragma once

#include "algorithms/core/settings.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// A chunk that a rank sends to, or takes from, a peer in one round.
struct Transfer {
  int peer;
  std::size_t chunk;
};

/// A chunk taken from a peer, and what becomes of it.
struct Reception {
  enum class Then { add, store };
  int peer;
  std::size_t chunk;
  Then then;
};

/// What one rank does in one round: it sends, and takes at most one reception from each peer, in the order
/// given, which is the order in which sums are formed.
struct RoundPart {
  std::vector<Transfer> sends;
  std::vector<Reception> receives;

  void clear() {
    sends.clear();
    receives.clear();
  }
};

/// A collective as data: who sends which chunk to whom in which round. The vector is cut into `chunks()`
/// nearly equal parts (part_of). Rounds are generated on demand and never stored: a ring over 4,096 ranks has
/// 33 million transfers. Immutable.
class Schedule {
 public:
  virtual ~Schedule() = default;

  virtual std::size_t rounds() const = 0;
  virtual std::size_t chunks() const = 0;
  /// Writes what `rank` does in `round` to `part`, which comes cleared.
  virtual void at(std::size_t round, int rank, RoundPart& part) const = 0;
  /// Rounds of the same pattern differ in their chunks only: every rank has the same peers. From 0 up, new ones in
  /// order.
  virtual std::size_t pattern(std::size_t round) const { return round; }
  /// Every rank r does what rank 0 does, with r added to peers and chunks, modulo the ranks, of which there are as many
  /// as chunks.
  virtual bool cyclic() const { return false; }
};

/// A collective that the catalogue knows: an allreduce over `ranks` ranks of a vector of so many bytes.
struct CollectiveRow {
  Entry entry;
  std::unique_ptr<Schedule> (*make)(int ranks, std::uint64_t bytes);
  /// Prefer the platform's own allreduce where it has one, and play the schedule elsewhere.
  bool native = false;
};
std::span<const CollectiveRow> collective_rows();
/// Precondition: the name is in the table.
const CollectiveRow& find_collective(std::string_view name);

/// The schedule of a row: one object for all who ask the same while anybody holds it. Thread-safe.
std::shared_ptr<const Schedule> schedule_of(const CollectiveRow& row, int ranks, std::uint64_t bytes);

}  // namespace descent
