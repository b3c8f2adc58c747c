#include "sim/replay/replaying_communicator.hpp"

#include "algorithms/comm/line_queue.hpp"
#include "algorithms/core/error.hpp"
#include "sim/replay/recording_communicator.hpp"
#include "tests/support/simulation.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace descent {
namespace {

using Kind = Event::Kind;
using Program = std::function<void(Communicator&)>;

constexpr Tag kNoteTag = 1;

Message note(std::int64_t number) {
  Message message = envelope();
  message.note = number;
  return message;
}

Event message_from(int source, std::int64_t number) {
  return {.kind = Kind::message, .source = source, .check = check_of(note(number)), .time_s = 100.0 + source};
}

std::string events(const std::vector<Event>& all) {
  Journal journal;
  for (const Event& event : all) {
    journal.add(event);
  }
  return journal.bytes();
}

/// Runs the program on every rank in these events' order; rank i has those of place i.
double replay(const std::vector<RankEvents>& order, const Program& program) {
  test::ClusterRun run(static_cast<int>(order.size()));
  return run([&](Communicator& world) {
    ReplayingCommunicator communicator(world, order[static_cast<std::size_t>(world.rank())], 0, 1);
    program(communicator);
    communicator.end();
  });
}

std::string failure_of(const std::vector<RankEvents>& order, const Program& program) {
  try {
    replay(order, program);
  } catch (const RunError& error) {
    return error.what();
  }
  return "";
}

/// Rank 0 hears of the others, which come at once; rank 1 is there first.
void gather(Communicator& communicator, std::vector<int>& sources) {
  if (communicator.rank() != 0) {
    communicator.first({}, {}, communicator.now() + communicator.rank());
    communicator.send(0, kNoteTag, note(10 + communicator.rank()));
    return;
  }
  for (int i = 1; i < communicator.size(); ++i) {
    const Message message = communicator.receive(any_rank, kNoteTag);
    EXPECT_EQ(message.sent_at, 100.0 + message.source);
    sources.push_back(message.source);
  }
}

const std::string& waits() {
  static const std::string bytes = events({{.kind = Kind::time, .time_s = 5}, {.kind = Kind::deadline}});
  return bytes;
}

TEST(Replay, TakesMessagesInTheRecordedOrder) {
  std::vector<int> sources;
  const std::string order = events({message_from(2, 12), message_from(3, 13), message_from(1, 11)});
  const double time = replay({{{0, order}}, {{0, waits()}}, {{0, waits()}}, {{0, waits()}}},
                             [&](Communicator& communicator) { gather(communicator, sources); });
  EXPECT_EQ(sources, (std::vector<int>{2, 3, 1}));
  EXPECT_GE(time, 3);
}

TEST(Replay, SaysWhatTheClockSaidAndLetsWaitsPassInTheTimeOfItsWorld) {
  const RankEvents order = {{0, events({{.kind = Kind::time, .time_s = 50},
                                        {.kind = Kind::deadline},
                                        {.kind = Kind::time, .time_s = 52.5},
                                        {.kind = Kind::target_met},
                                        {.kind = Kind::target_missed}})}};
  const double time = replay({order}, [](Communicator& communicator) {
    const double begun = communicator.now();
    EXPECT_EQ(begun, 50);
    const Expected nobody{any_rank, kNoteTag};
    EXPECT_EQ(communicator.first({}, {&nobody, 1}, begun + 2).what, First::What::deadline);
    EXPECT_EQ(communicator.now(), 52.5);
    EXPECT_TRUE(communicator.observer().target_met());
    EXPECT_FALSE(communicator.observer().target_met());
  });
  EXPECT_DOUBLE_EQ(time, 2);
}

TEST(Replay, LetsTheLaterOfTwoComputationsEndFirst) {
  const RankEvents order = {{0, events({{.kind = Kind::operation, .index = 1}})}};
  const double time = replay({order}, [](Communicator& communicator) {
    const Task tasks[] = {communicator.start({1e9, {}}, {}), communicator.start({3e9, {}}, {})};
    EXPECT_EQ(communicator.first(tasks, {}).index, 1);
  });
  EXPECT_GE(time, 3);
}

/// A send is over here when its receiver waits for it; over MPI it was over before.
TEST(Replay, OfTwoWhoSendBeforeTheyReceiveComesToItsEnd) {
  const auto order = [](int other) {
    return RankEvents{{0, events({{.kind = Kind::operation}, message_from(other, 10 + other)})}};
  };
  replay({order(1), order(0)}, [](Communicator& communicator) {
    const int other = 1 - communicator.rank();
    const Request sent = communicator.send(other, kNoteTag, note(10 + communicator.rank()));
    const Expected expected{other, kNoteTag};
    EXPECT_EQ(communicator.first({&sent, 1}, {&expected, 1}).what, First::What::operation);
    communicator.wait(sent);
    EXPECT_EQ(communicator.receive(other, kNoteTag).note, 10 + other);
  });
}

/// How often a line finds its queue empty depends on time, and is no event.
TEST(Replay, OfTwoLinesFollowsEachOfThem) {
  const RankEvents order = {{0, events({{.kind = Kind::time, .time_s = 7}})},
                            {1, events({{.kind = Kind::time, .time_s = 8}, {.kind = Kind::time, .time_s = 9}})}};
  replay({order}, [](Communicator& communicator) {
    LineQueue<double> times;
    const Line line = communicator.spawn(1, [&](Communicator& second) {
      second.compute({1e9, {}}, {});
      times.push(second.now());
      times.push(second.now());
    });
    EXPECT_EQ(communicator.now(), 7);
    EXPECT_EQ(times.pop(communicator), 8);
    EXPECT_EQ(times.pop(communicator), 9);
    communicator.wait(line);
  });
}

TEST(Replay, EndsWhereAMessageSaysSomethingElse) {
  std::vector<int> sources;
  const std::string order = events({message_from(1, 99)});
  const std::string failure =
      failure_of({{{0, order}}, {{0, waits()}}}, [&](Communicator& communicator) { gather(communicator, sources); });
  EXPECT_NE(failure.find("departs from the recording: rank 0, line 0, event 1: recorded was a message from rank 1"),
            std::string::npos)
      << failure;
  EXPECT_NE(failure.find("that says something else"), std::string::npos) << failure;
}

TEST(Replay, EndsWhereTheRankDoesSomethingElse) {
  const RankEvents order = {{0, events({{.kind = Kind::time}, {.kind = Kind::deadline}})}};
  const std::string failure = failure_of({order}, [](Communicator& communicator) {
    communicator.now();
    communicator.now();
  });
  EXPECT_NE(
      failure.find("rank 0, line 0, event 2: recorded was the end of a wait by its deadline; here comes a look at "
                   "the clock"),
      std::string::npos)
      << failure;
}

TEST(Replay, EndsWhereTheRecordingEnds) {
  const std::string failure = failure_of({{}}, [](Communicator& communicator) { communicator.now(); });
  EXPECT_NE(failure.find("event 1: recorded was the end of the line; here comes a look at the clock"),
            std::string::npos)
      << failure;
}

TEST(Replay, EndsWhereTheRecordingGoesOn) {
  const RankEvents order = {{0, events({{.kind = Kind::time}})}};
  const std::string failure = failure_of({order}, [](Communicator&) {});
  EXPECT_NE(failure.find("here comes the end of the line"), std::string::npos) << failure;
}

TEST(Replay, OfAMessageThatNobodySendsDoesNotHang) {
  const RankEvents order = {{0, events({message_from(1, 0)})}};
  const std::string failure = failure_of({order, {}}, [](Communicator& communicator) {
    if (communicator.rank() == 0) {
      communicator.receive(any_rank, kNoteTag);
    }
  });
  EXPECT_NE(failure.find("rank 0 on node-0 waits for a message (tag 1) from rank 1"), std::string::npos) << failure;
}

/// What the clock of a world says, and what ends its waits, is written down; that one operation ended is not.
TEST(Recording, WritesWhatTimeDecides) {
  test::ClusterRun run(2);
  RankJournals journals[2];
  double begun = -1;
  run([&](Communicator& world) {
    RecordingCommunicator communicator(world, journals[world.rank()], 0, 1);
    if (communicator.rank() == 1) {
      communicator.send(0, kNoteTag, note(11));
      return;
    }
    communicator.compute({1e9, {}}, {});
    begun = communicator.now();
    communicator.first({}, {}, begun + 1);
    communicator.receive(1, kNoteTag);
    communicator.observer().target_met();
    communicator.wait(communicator.spawn(3, [](Communicator& second) { second.now(); }));
  });
  EXPECT_TRUE(journals[1].line(0).bytes().empty());
  std::vector<std::string> written;
  JournalReader reader(journals[0].line(0).bytes());
  while (const auto event = reader.next()) {
    written.push_back(describe(*event));
  }
  const std::vector<std::string> expected = {describe({.kind = Kind::time, .time_s = begun}),
                                             describe({.kind = Kind::deadline}), describe(message_from(1, 11)),
                                             describe({.kind = Kind::target_missed})};
  EXPECT_EQ(written, expected);
  EXPECT_EQ(JournalReader(journals[0].line(3).bytes()).next()->kind, Kind::time);
  EXPECT_EQ(run.observers[1].messages, 1);
}

}  // namespace
}  // namespace descent
