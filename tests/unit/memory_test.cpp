#include "algorithms/core/memory.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace descent {
namespace {

TEST(Memory, IsThereAndTakenByWhoTakesIt) {
  const double before = memory_available();
  EXPECT_GT(before, 0);
  EXPECT_LE(before, memory_limit());
  constexpr std::size_t kTaken = std::size_t{256} << 20U;
  if (before < 3.0 * kTaken) {
    GTEST_SKIP() << "this machine has too little memory free to see some of it taken";
  }
  const std::vector<char> taken(kTaken, 1);
  EXPECT_LT(memory_available(), before - kTaken / 4.0) << taken.size();
}

}  // namespace
}  // namespace descent
