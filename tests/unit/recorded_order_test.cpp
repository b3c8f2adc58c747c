#include "sim/replay/recorded_order.hpp"

#include "algorithms/core/error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace descent {
namespace {

using Kind = Event::Kind;

bool same(const Event& a, const Event& b) {
  return a.kind == b.kind && a.index == b.index && a.source == b.source && a.check == b.check && a.time_s == b.time_s;
}

std::vector<Event> events_of(const std::string& bytes) {
  std::vector<Event> events;
  JournalReader reader(bytes);
  while (const auto event = reader.next()) {
    events.push_back(*event);
  }
  return events;
}

std::vector<Event> all_kinds() {
  return {{.kind = Kind::time, .time_s = 0},
          {.kind = Kind::message, .index = 2, .source = 1, .check = 0xABCD, .time_s = 1.5e-5},
          {.kind = Kind::time, .time_s = 1.25},
          {.kind = Kind::operation, .index = 300},
          {.kind = Kind::deadline},
          {.kind = Kind::time, .time_s = 0.1},
          {.kind = Kind::time, .time_s = std::numeric_limits<double>::infinity()},
          {.kind = Kind::message, .index = 0, .source = 0, .check = 1, .time_s = -1e-9},
          {.kind = Kind::target_missed},
          {.kind = Kind::target_met}};
}

TEST(Journal, GivesBackWhatWasWritten) {
  Journal journal;
  for (const Event& event : all_kinds()) {
    journal.add(event);
  }
  const std::vector<Event> read = events_of(journal.bytes());
  ASSERT_EQ(read.size(), all_kinds().size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_TRUE(same(read[i], all_kinds()[i])) << i << ": " << describe(read[i]);
  }
}

TEST(Journal, TakesFewBytesForAMessageAndALookAtTheClock) {
  Journal journal;
  constexpr int kMessages = 1000;
  for (int i = 0; i < kMessages; ++i) {
    const double time = 10 + 1e-4 * i;
    journal.add({.kind = Kind::message, .index = 0, .source = i % 4, .check = 7, .time_s = time});
    journal.add({.kind = Kind::time, .time_s = time + 3e-6});
  }
  EXPECT_LE(journal.bytes().size(), std::size_t{25} * kMessages);
}

Message message_of(double element, std::int64_t note = 3) {
  Message message;
  message.note = note;
  message.wire_bytes = 80;
  Buffer buffer = Buffer::zeros(Precision::double_precision, 10);
  buffer.as<double>()[5] = element;
  message.payload = std::move(buffer).freeze();
  return message;
}

TEST(Check, TellsMessagesApartByNumbersAndElements) {
  const std::uint16_t check = check_of(message_of(1));
  EXPECT_EQ(check, check_of(message_of(1)));
  EXPECT_NE(check, check_of(message_of(1, 4)));
  EXPECT_NE(check, check_of(message_of(std::nextafter(1.0, 2.0))));
  Message shorter = message_of(1);
  shorter.payload = shorter.payload.slice(0, 9);
  EXPECT_NE(check, check_of(shorter));
}

/// Of two ranks, one of which has two lines.
std::string some_order() {
  RankJournals first;
  for (const Event& event : all_kinds()) {
    first.line(0).add(event);
  }
  RankJournals second;
  second.line(2).add({.kind = Kind::deadline});
  second.line(0).add({.kind = Kind::operation, .index = 1});
  return order_bytes({{"seed", "7"}, {"strategy", "asp"}}, {pack(first), pack(second)});
}

TEST(RecordedOrder, GivesBackWhatWasWritten) {
  const RecordedOrder order = parse_order("order", some_order());
  EXPECT_EQ(order.identity, (RunIdentity{{"seed", "7"}, {"strategy", "asp"}}));
  ASSERT_EQ(order.ranks.size(), 2);
  EXPECT_EQ(events_of(order.ranks[0].at(0)).size(), all_kinds().size());
  EXPECT_EQ(order.ranks[0].size(), 1);
  EXPECT_EQ(events_of(order.ranks[1].at(0)).front().kind, Kind::operation);
  EXPECT_EQ(events_of(order.ranks[1].at(2)).front().kind, Kind::deadline);
}

std::string refusal_of(const std::string& bytes) {
  try {
    parse_order("some/file", bytes);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(RecordedOrder, RefusesWhatIsNone) {
  EXPECT_EQ(refusal_of("<?xml version=\"1.0\"?>\n"),
            "some/file: is no order of events; allowed: a file that --record has written");
  EXPECT_NE(refusal_of(""), "");
  EXPECT_EQ(refusal_of("descent order of events, version 2\n{}\n"), "some/file: is of version '2'; allowed: version 1");
  RankJournals stranger;
  stranger.line(0).add({.kind = Kind::message, .source = 1});
  EXPECT_NE(refusal_of(order_bytes({}, {pack(stranger)})).find("rank 1 of 1"), std::string::npos);
}

TEST(RecordedOrder, RefusesWhatIsNotWhole) {
  const std::string whole = some_order();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(refusal_of(whole.substr(0, size)).starts_with("some/file: is ")) << size;
  }
  EXPECT_NE(refusal_of(whole + "x"), "");
}

TEST(RecordedOrder, IsReadOrRefusedWhateverIsDamaged) {
  const std::string whole = some_order();
  const std::size_t head = whole.find('\n', whole.find('\n') + 1);
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char damage : {'\x00', '\x01', '\xFF', '9', '"', '-'}) {
      std::string damaged = whole;
      damaged[at] = damage;
      const std::string refusal = refusal_of(damaged);
      EXPECT_TRUE(refusal.empty() || refusal.starts_with("some/file: is ")) << refusal;
      refused += at > head && damaged[at] != whole[at] && !refusal.empty() ? 1 : 0;
    }
  }
  EXPECT_GT(refused, static_cast<int>(whole.size() - head) * 4);
}

}  // namespace
}  // namespace descent
