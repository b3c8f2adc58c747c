#pragma once

#include "algorithms/math/vector.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace descent {

/// Separates the conversations of a protocol. Values from 0 to 30,000; each protocol lists its own in one enum.
using Tag = int;

/// Every rank, in a `receive`.
inline constexpr int any_rank = -1;

/// What one rank tells another. Immutable once sent.
struct Message {
  /// Set by the communicator.
  int source = any_rank;
  Tag tag = 0;
  /// A number of the protocol's own: a version, a round, a clock.
  std::int64_t note = 0;
  /// A real number of the protocol's own: a weight.
  double scalar = 0;
  Snapshot payload;
  /// What the network is charged, in bytes: what a real system would put on the wire, stated by whoever
  /// builds the message, and not the memory that the payload happens to take here.
  std::uint64_t wire_bytes = 0;
  /// Time of the send, in seconds since the start of the run. Set by the communicator.
  double sent_at = 0;
};

/// Bytes of a message that carries no vector.
inline constexpr std::uint64_t control_bytes = 8;

/// A message that carries no vector.
inline Message envelope() {
  Message message;
  message.wire_bytes = control_bytes;
  return message;
}

/// Bytes that elements [begin, begin + count) of a vector are on the wire. Rounded at both ends, so that the bytes of
/// its parts add up to the whole vector's.
inline std::uint64_t wire_bytes_of(double bytes_per_element, std::size_t begin, std::size_t count) {
  const auto at = [bytes_per_element](std::size_t element) {
    return static_cast<std::uint64_t>(std::llround(static_cast<double>(element) * bytes_per_element));
  };
  return at(begin + count) - at(begin);
}

}  // namespace descent
