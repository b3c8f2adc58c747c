#pragma once

#include "algorithms/comm/message.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace descent {

/// What a line of a rank has learnt of time.
struct Event {
  enum class Kind : std::uint8_t { operation, message, deadline, time, target_met, target_missed };

  Kind kind = Kind::deadline;
  /// Which of the operations or of the expected messages ended the wait.
  std::size_t index = 0;
  /// Of a message: from which rank; and `check_of` it.
  int source = 0;
  std::uint16_t check = 0;
  /// `time`: what the clock said; of a message, when it was sent. In seconds since the start of the run.
  double time_s = 0;
};

/// A hash of what a message says: its numbers and sizes, and three elements of its payload.
std::uint16_t check_of(const Message& message);

/// An event in words.
std::string describe(const Event& event);

/// The difference between two events' times as a number of few digits; both sides of a journal keep one.
class TimeCode {
 public:
  std::uint64_t encode(double time_s);
  double decode(std::uint64_t code);

 private:
  std::uint64_t last_ = 0;
};

/// The events of one line in order, in some ten bytes each.
class Journal {
 public:
  void add(const Event& event);
  const std::string& bytes() const { return bytes_; }

 private:
  void add_number(std::uint64_t number);

  std::string bytes_;
  TimeCode times_;
};

/// Reads what a Journal has written, which must outlive it.
class JournalReader {
 public:
  explicit JournalReader(std::string_view bytes) : rest_(bytes) {}

  /// Nothing after the last. InputError where the bytes are none of a Journal.
  std::optional<Event> next();

 private:
  std::uint8_t take_byte();
  std::uint64_t take_number();

  std::string_view rest_;
  TimeCode times_;
};

/// The journals of all lines of one rank.
class RankJournals {
 public:
  /// That of a channel, made at its first use. Good as long as this is. Thread-safe.
  Journal& line(int channel);
  /// By channel. Precondition: all lines have ended.
  const std::map<int, Journal>& all() const { return lines_; }

 private:
  std::mutex mutex_;
  std::map<int, Journal> lines_;
};

}  // namespace descent
