#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace descent {

/// Who talks to whom while a time is taken.
enum class Pattern {
  /// `from` sends to `to`, which answers with a control message: a round trip.
  round_trip,
  /// Both send to each other at once, again and again: one of these.
  exchange,
  /// Every rank sends to the next and takes from the one before, again and again: one of these, at rank `from`.
  shift,
  /// `from` calls all others, and all send to it: until it has all.
  fan_in,
  /// `from` sends to all others, and all answer with a control message: until it has all answers.
  fan_out,
  /// Until the call that sends returns, at `from`.
  send_call,
  /// `from` sends many messages, one after the other: from one to the next.
  stream,
  /// `from` has sent long before `to` asks: until `to` has it.
  late,
  /// Both have asked, sent, and computed for longer than an exchange takes: what is left of it then.
  overlap
};

std::string_view name_of(Pattern pattern);

/// One measurement.
struct Point {
  Pattern pattern = Pattern::round_trip;
  int from = 0;
  int to = 0;
  /// Of each message.
  std::uint64_t bytes = 0;
  int round = 0;
  double seconds = 0;
};

/// All measurements of a cluster.
struct Measurements {
  /// The host of each rank.
  std::vector<std::string> hosts;
  std::vector<Point> points;
};

/// A table with a header: pattern, from, to, from_host, to_host, bytes, round, seconds.
std::string to_csv(const Measurements& measurements);
/// Throws InputError with file and line.
Measurements read_measurements(const std::filesystem::path& file);

}  // namespace descent
