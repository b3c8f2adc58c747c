#pragma once

#include "algorithms/collectives/chunk_layout.hpp"
#include "algorithms/collectives/collectives.hpp"
#include "algorithms/comm/message.hpp"

#include <cstdint>
#include <memory>

namespace descent {

/// What the ranks of a collective agree on.
struct CollectivePlan {
  CollectiveOperation operation = CollectiveOperation::allreduce;
  /// Of the operation: an allreduce, or half of one.
  std::shared_ptr<const Schedule> schedule;
  ChunkLayout layout;
  double bytes_per_element = 0;

  std::uint64_t bytes(ChunkRange chunks) const {
    const Part part = layout.part(chunks);
    return wire_bytes_of(bytes_per_element, part.begin, part.count);
  }
  bool adds() const {
    return operation != CollectiveOperation::all_gather && operation != CollectiveOperation::broadcast;
  }
  /// One rank, member 0, sends to all the others or takes from them, which do not all wait for one another.
  bool is_rooted() const {
    return operation == CollectiveOperation::reduce || operation == CollectiveOperation::broadcast;
  }
  /// What a member brings, and what it has in the end.
  ChunkRange brought_by(int member) const { return adds() ? all() : schedule->owned(member); }
  ChunkRange left_to(int member) const {
    const bool is_scattered = adds() && operation != CollectiveOperation::allreduce;
    return is_scattered ? schedule->owned(member) : all();
  }
  ChunkRange all() const { return {0, layout.chunks()}; }
};

}  // namespace descent
