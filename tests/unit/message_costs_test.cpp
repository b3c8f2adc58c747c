// What a platform's <config> says of the ends of messages, against times written out.
#include "tests/support/simulation.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

/// 1 Gf, links of 1 GB/s and 50 us: a message takes 100 us and 1 ns a byte.
std::string platform(const std::string& settings) {
  std::string text = test::cluster_xml(3);
  text.insert(text.find("<cluster"), "<config>" + settings + "</config>");
  return text;
}

constexpr double kLatency = 100e-6;
constexpr double kPerByte = 1e-9;
constexpr Tag kTag = 1;

Message of(std::uint64_t bytes) {
  Message message = envelope();
  message.wire_bytes = bytes;
  return message;
}

/// Rank 0 sends `count` messages of so many bytes at 0 s; rank 1 asks for them from `late` on.
struct Times {
  double sent = 0;
  std::vector<double> received;
};

Times times_of(const std::string& settings, std::uint64_t bytes, int count, double late) {
  const test::TemporaryFile file("costs.xml", platform(settings));
  KernelPool pool(1);
  SimGridWorld world(file.path(), test::neutral_network(), 1, pool);
  std::vector<test::CountingObserver> observers(2);
  Times times;
  const auto program = [&](Communicator& communicator) {
    if (communicator.rank() == 0) {
      std::vector<Request> sends;
      for (int i = 0; i < count; ++i) {
        sends.push_back(communicator.send(1, kTag, of(bytes)));
      }
      times.sent = communicator.now();
      for (const Request& send : sends) {
        communicator.wait(send);
      }
      return;
    }
    communicator.receive(any_rank, kTag + 1, late);
    for (int i = 0; i < count; ++i) {
      communicator.receive(0, kTag);
      times.received.push_back(communicator.now());
    }
  };
  for (std::size_t rank = 0; rank < 2; ++rank) {
    world.add({"node-" + std::to_string(rank), charge_at_speed, program, &observers[rank]});
  }
  world.run();
  return times;
}

const std::string kEager = "<prop id='smpi/async-small-thresh' value='1000'/>";
constexpr double kLate = 10e-3;

TEST(MessageCosts, WithoutSettingsAMessageWaitsForItsReceiver) {
  const Times times = times_of("", 999, 1, kLate);
  EXPECT_NEAR(times.received[0], kLate + kLatency + 999 * kPerByte, 1e-12);
  EXPECT_EQ(times.sent, 0);
}

TEST(MessageCosts, AnEagerMessageIsThereWhenItsReceiverAsks) {
  EXPECT_NEAR(times_of(kEager, 999, 1, kLate).received[0], kLate, 1e-12);
}

TEST(MessageCosts, AMessageOfTheLimitIsNotEager) {
  EXPECT_NEAR(times_of(kEager, 1000, 1, kLate).received[0], kLate + kLatency + 1000 * kPerByte, 1e-12);
}

TEST(MessageCosts, EagerMessagesFollowOneAnother) {
  const Times times = times_of(kEager, 999, 3, 0);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(times.received[i], static_cast<double>(i + 1) * (kLatency + 999 * kPerByte), 1e-12);
  }
}

TEST(MessageCosts, AllOfAStreamOfEagerMessagesHasComeWhenItsReceiverIsLate) {
  for (const double time : times_of(kEager, 999, 3, kLate).received) {
    EXPECT_NEAR(time, kLate, 1e-12);
  }
}

TEST(MessageCosts, SendsTakeTheirTime) {
  const Times times = times_of("<prop id='smpi/ois' value='0:1e-3:0;1000:2e-3:1e-6'/>", 2000, 2, 0);
  EXPECT_NEAR(times.sent, 2 * (2e-3 + 2000e-6), 1e-12);
  EXPECT_NEAR(times.received[0], 4e-3 + kLatency + 2000 * kPerByte, 1e-12);
}

TEST(MessageCosts, ReceptionsTakeTheirTime) {
  const Times times = times_of("<prop id='smpi/or' value='0:3e-3:0'/>", 500, 1, 0);
  EXPECT_NEAR(times.received[0], kLatency + 500 * kPerByte + 3e-3, 1e-12);
}

TEST(MessageCosts, WhatIsNoCostIsRefused) {
  try {
    times_of("<prop id='smpi/ois' value='0:fast'/>", 8, 1, 0);
    FAIL() << "accepted";
  } catch (const std::exception& error) {
    EXPECT_NE(std::string(error.what()).find("'fast' is not a number >= 0"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace descent
