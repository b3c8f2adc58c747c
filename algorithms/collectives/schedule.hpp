#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace descent {

/// Neighbouring chunks.
struct ChunkRange {
  std::size_t begin;
  std::size_t count = 1;

  std::size_t end() const { return begin + count; }
};

/// Chunks that a rank sends to a peer in one round, as one message.
struct Transfer {
  int peer;
  ChunkRange chunks;
};

/// Chunks taken from a peer, and what becomes of them.
struct Reception {
  enum class Then { add, store };
  int peer;
  ChunkRange chunks;
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

/// A collective as data: who sends which chunks to whom in which round. The vector is cut into `chunks()` parts, nearly
/// equal ones unless its ChunkLayout says otherwise. Rounds are generated on demand and never stored: a ring over 4,096
/// ranks has 33 million transfers. Immutable.
///
/// Most allreduces are two halves: the first leaves the whole sum of each chunk with an owner, from whom the second
/// spreads it. Each half is a collective of its own (HalfSchedule).
class Schedule {
 public:
  virtual ~Schedule() = default;

  virtual std::size_t rounds() const = 0;
  virtual std::size_t chunks() const = 0;
  /// Writes what `rank` does in `round` to `part`, which comes cleared.
  virtual void at(std::size_t round, int rank, RoundPart& part) const = 0;
  /// Rounds of the same pattern differ in which chunks they move only: every rank has the same peers, and sends and
  /// takes as many chunks. From 0 up, new ones in order.
  virtual std::size_t pattern(std::size_t round) const { return round; }
  /// Every rank r does what rank 0 does, with r added to peers and chunks, modulo the ranks, of which there are as many
  /// as chunks; messages are of one chunk.
  virtual bool cyclic() const { return false; }
  /// All chunks are added up in the same order.
  virtual bool one_order() const { return chunks() == 1; }

  /// The rounds of the first half; nothing for a schedule that has no halves.
  virtual std::optional<std::size_t> meeting() const { return std::nullopt; }
  /// The chunks whose sums `rank` owns where the halves meet: each chunk has one owner. Precondition: there are halves.
  virtual ChunkRange owned(int /*rank*/) const { return {0, 0}; }
};

}  // namespace descent
