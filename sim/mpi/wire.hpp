#pragma once

#include "algorithms/comm/message.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace descent::mpi {

/// The first bytes of every message. All ranks run the same binary on processors of one byte order.
struct Header {
  std::int64_t note = 0;
  double scalar = 0;
  double sent_at = 0;
  std::uint64_t wire_bytes = 0;
  std::uint64_t elements = 0;
  std::uint32_t precision = 0;
  std::uint32_t reserved = 0;

  std::uint64_t payload_bytes() const;
  /// Bytes of no meaning that make the message as large as it is stated to be; header and payload count.
  std::uint64_t padding_bytes() const;
  /// Header, payload and padding are one MPI message; else payload and padding follow in parts.
  bool is_whole() const;
  /// All of it is sent at once; else its parts wait until the receiver asks for them.
  bool is_eager() const;
};

Header header_of(const Message& message);

/// The largest message sent whole: what MPI implementations send without asking the receiver first.
inline constexpr std::size_t kWholeBytes = 4096;

/// The largest message whose receiver is not asked first: as in MPI implementations, and as payload and padding alone.
inline constexpr std::size_t kEagerBytes = std::size_t{1} << 16U;

/// Calls f(offset, count) for consecutive parts of `bytes` bytes of at most `largest` each.
template <class F>
void for_each_part(std::uint64_t bytes, std::uint64_t largest, F&& f) {
  for (std::uint64_t offset = 0; offset < bytes; offset += largest) {
    f(offset, static_cast<int>(bytes - offset < largest ? bytes - offset : largest));
  }
}

/// Each part that ends tells a waiting line that data are moving; MPI counts are int besides.
inline constexpr std::uint64_t kLargestPart = std::uint64_t{1} << 20U;
inline constexpr std::uint64_t kLargestPadding = kLargestPart;

/// kLargestPadding bytes to send as padding, never written; and to receive padding into, never read. One of each
/// in the process, for all messages at once.
const std::byte* padding_source();
std::byte* padding_sink();

}  // namespace descent::mpi
