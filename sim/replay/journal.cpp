#include "sim/replay/journal.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>

namespace descent {
namespace {

constexpr unsigned kDigitBits = 7;
constexpr std::uint8_t kMore = 0x80;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
  hash = (hash ^ value) * kOdd;
  return hash ^ (hash >> 32U);
}

std::uint64_t bits_of_element(const Snapshot& vector, std::size_t index) {
  const std::size_t size = bytes_per_element(vector.precision());
  std::uint64_t bits = 0;
  std::memcpy(&bits, vector.data() + index * size, size);
  return bits;
}

}  // namespace

std::uint16_t check_of(const Message& message) {
  std::uint64_t hash = mixed(1, static_cast<std::uint64_t>(message.note));
  hash = mixed(hash, std::bit_cast<std::uint64_t>(message.scalar));
  hash = mixed(hash, message.wire_bytes);
  const Snapshot& payload = message.payload;
  hash = mixed(hash, payload.size());
  if (!payload.empty() && !payload.is_placeholder()) {
    for (const std::size_t index : {std::size_t{0}, payload.size() / 2, payload.size() - 1}) {
      hash = mixed(hash, bits_of_element(payload, index));
    }
  }
  return static_cast<std::uint16_t>(hash);
}

std::string describe(const Event& event) {
  switch (event.kind) {
    case Event::Kind::operation:
      return fmt::format("the end of operation {}", event.index);
    case Event::Kind::message:
      return fmt::format("a message from rank {} (awaited {}, check {:04x})", event.source, event.index, event.check);
    case Event::Kind::deadline:
      return "the end of a wait by its deadline";
    case Event::Kind::time:
      return fmt::format("a look at the clock, at {:.9g} s", event.time_s);
    case Event::Kind::target_met:
      return "a target that was met";
    case Event::Kind::target_missed:
      return "a target that was not met";
  }
  return "";
}

/// Zigzag: small differences of either sign become small numbers.
std::uint64_t TimeCode::encode(double time_s) {
  const auto bits = std::bit_cast<std::uint64_t>(time_s);
  const std::uint64_t difference = bits - last_;
  last_ = bits;
  return difference << 1U ^ (difference >> 63U != 0 ? ~std::uint64_t{0} : 0);
}

double TimeCode::decode(std::uint64_t code) {
  last_ += code >> 1U ^ ((code & 1U) != 0 ? ~std::uint64_t{0} : 0);
  return std::bit_cast<double>(last_);
}

void Journal::add(const Event& event) {
  bytes_ += static_cast<char>(event.kind);
  switch (event.kind) {
    case Event::Kind::operation:
      add_number(event.index);
      break;
    case Event::Kind::message:
      add_number(event.index);
      add_number(static_cast<std::uint64_t>(event.source));
      bytes_ += static_cast<char>(event.check & 0xFFU);
      bytes_ += static_cast<char>(event.check >> 8U);
      add_number(times_.encode(event.time_s));
      break;
    case Event::Kind::time:
      add_number(times_.encode(event.time_s));
      break;
    case Event::Kind::deadline:
    case Event::Kind::target_met:
    case Event::Kind::target_missed:
      break;
  }
}

void Journal::add_number(std::uint64_t number) {
  for (; number >= kMore; number >>= kDigitBits) {
    bytes_ += static_cast<char>(static_cast<std::uint8_t>(number) | kMore);
  }
  bytes_ += static_cast<char>(number);
}

std::uint8_t JournalReader::take_byte() {
  if (rest_.empty()) {
    throw InputError("an event ends in its middle");
  }
  const auto byte = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return byte;
}

std::uint64_t JournalReader::take_number() {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64; shift += kDigitBits) {
    const std::uint8_t byte = take_byte();
    number |= static_cast<std::uint64_t>(byte & (kMore - 1U)) << shift;
    if ((byte & kMore) == 0) {
      return number;
    }
  }
  throw InputError("a number of an event has too many digits");
}

std::optional<Event> JournalReader::next() {
  if (rest_.empty()) {
    return std::nullopt;
  }
  const std::uint8_t kind = take_byte();
  if (kind > static_cast<std::uint8_t>(Event::Kind::target_missed)) {
    throw InputError(fmt::format("there is no event of kind {}", kind));
  }
  Event event;
  event.kind = static_cast<Event::Kind>(kind);
  if (event.kind == Event::Kind::operation) {
    event.index = take_number();
  } else if (event.kind == Event::Kind::message) {
    event.index = take_number();
    event.source = static_cast<int>(take_number());
    const std::uint8_t low = take_byte();
    event.check = static_cast<std::uint16_t>(low | take_byte() << 8U);
    event.time_s = times_.decode(take_number());
  } else if (event.kind == Event::Kind::time) {
    event.time_s = times_.decode(take_number());
  }
  return event;
}

Journal& RankJournals::line(int channel) {
  const std::lock_guard lock(mutex_);
  return lines_[channel];
}

}  // namespace descent
