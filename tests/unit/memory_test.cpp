#include "algorithms/core/memory.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

/// How much is free changes while others run: no more can be said.
TEST(Memory, IsThere) {
  EXPECT_TRUE(std::isfinite(memory_limit()));
  EXPECT_GT(memory_available(), 0);
  EXPECT_LE(memory_available(), memory_limit());
}

}  // namespace
}  // namespace descent
