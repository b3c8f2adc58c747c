#include "sim/rates/kernel_rate.hpp"

#include "algorithms/core/error.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

TEST(KernelRate, IsLinearBetweenWhatWasMeasuredAndConstantBeyond) {
  const KernelRate rate({{1e6, 1e9}, {4e6, 2e9}});
  EXPECT_DOUBLE_EQ(rate.seconds(0.5e6), 0.5e-3);
  EXPECT_DOUBLE_EQ(rate.seconds(1e6), 1e-3);
  EXPECT_DOUBLE_EQ(rate.seconds(2.5e6), 1.5e-3);
  EXPECT_DOUBLE_EQ(rate.seconds(4e6), 2e-3);
  EXPECT_DOUBLE_EQ(rate.seconds(8e6), 4e-3);
  EXPECT_DOUBLE_EQ(KernelRate({{10, 5}}).seconds(20), 4);
}

TEST(KernelRate, IsReadAsItIsWritten) {
  const KernelRate rate = rate_from_text("1000:1e9;4096:2.5e+09");
  ASSERT_EQ(rate.points().size(), 2U);
  EXPECT_EQ(rate.points()[1].flops, 4096);
  EXPECT_EQ(rate.points()[1].rate, 2.5e9);
  const KernelRate third({{1.0 / 3, 2.0 / 3}});
  EXPECT_EQ(rate_from_text(to_text(third)).points()[0].flops, 1.0 / 3);
  EXPECT_EQ(rate_from_text(to_text(third)).points()[0].rate, 2.0 / 3);
}

TEST(KernelRate, RefusesWhatIsNone) {
  for (const char* text : {"", ";", "5", "5:", ":5", "a:b", "0:1", "1:0", "1:-1", "1:1;1:2", "2:1;1:1", "1:2:3",
                           "1:nan", "1:inf", "1e6 : 1e9"}) {
    EXPECT_THROW(rate_from_text(text), InputError) << text;
  }
}

}  // namespace
}  // namespace descent
