#include "sim/mpi/wire.hpp"

#include <cstdlib>
#include <memory>
#include <new>

namespace descent::mpi {
namespace {

struct Free {
  void operator()(std::byte* memory) const { std::free(memory); }
};

/// calloc takes no memory for pages that are never written.
std::unique_ptr<std::byte, Free> pages() {
  auto* memory = static_cast<std::byte*>(std::calloc(kLargestPadding, 1));
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return std::unique_ptr<std::byte, Free>(memory);
}

}  // namespace

std::uint64_t Header::payload_bytes() const {
  return elements * bytes_per_element(static_cast<Precision>(precision));
}

std::uint64_t Header::padding_bytes() const {
  const std::uint64_t needed = sizeof(Header) + payload_bytes();
  return wire_bytes > needed ? wire_bytes - needed : 0;
}

bool Header::is_whole() const {
  return sizeof(Header) + payload_bytes() + padding_bytes() <= kWholeBytes;
}

bool Header::is_eager() const {
  return payload_bytes() + padding_bytes() <= kEagerBytes;
}

Header header_of(const Message& message) {
  Header header;
  header.note = message.note;
  header.scalar = message.scalar;
  header.sent_at = message.sent_at;
  header.wire_bytes = message.wire_bytes;
  header.elements = message.payload.size();
  header.precision = static_cast<std::uint32_t>(message.payload.precision());
  return header;
}

const std::byte* padding_source() {
  static const auto kPages = pages();
  return kPages.get();
}

std::byte* padding_sink() {
  static const auto kPages = pages();
  return kPages.get();
}

}  // namespace descent::mpi
