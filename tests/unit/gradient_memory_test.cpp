#include "sim/simgrid/gradient_memory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace descent {
namespace {

TEST(GradientMemory, GivesRoomUntilThereIsNone) {
  GradientMemory memory(100);
  auto first = memory.reserve(60);
  EXPECT_TRUE(first);
  EXPECT_FALSE(memory.reserve(41));
  EXPECT_TRUE(memory.reserve(40));
  first = nullptr;
  EXPECT_TRUE(memory.reserve(100));
}

TEST(GradientMemory, OfNoBytesHasNoRoom) {
  EXPECT_FALSE(GradientMemory(0).reserve(1));
}

TEST(GradientMemory, MayGoBeforeItsRoom) {
  std::optional<GradientMemory> memory(10);
  const auto room = memory->reserve(10);
  memory.reset();
  EXPECT_TRUE(room);
}

TEST(GradientMemory, IsNeverPromisedTwice) {
  GradientMemory memory(3);
  std::atomic<int> held = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int repeat = 0; repeat < 1000; ++repeat) {
        if (const auto room = memory.reserve(1)) {
          EXPECT_LE(++held, 3);
          --held;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_TRUE(memory.reserve(3));
}

}  // namespace
}  // namespace descent
