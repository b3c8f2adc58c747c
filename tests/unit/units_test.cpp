#include "algorithms/core/units.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <limits>
#include <string>

namespace descent {
namespace {

struct Quantity {
  const char* text;
  Unit unit;
  double value;
};

TEST(Units, TakesSimGridsSpellings) {
  const Quantity quantities[] = {
      {"1w", Unit::seconds, 604800},
      {"1d", Unit::seconds, 86400},
      {"2h", Unit::seconds, 7200},
      {"1.5m", Unit::seconds, 90},
      {"3s", Unit::seconds, 3},
      {"50us", Unit::seconds, 50e-6},
      {"7ms", Unit::seconds, 7e-3},
      {"8ns", Unit::seconds, 8e-9},
      {"9ps", Unit::seconds, 9e-12},
      {"0.25", Unit::seconds, 0.25},
      {".5s", Unit::seconds, 0.5},
      {"1e3s", Unit::seconds, 1000},
      {"1E-3s", Unit::seconds, 1e-3},
      {"0s", Unit::seconds, 0},
      {"8b", Unit::bytes, 1},
      {"8kb", Unit::bytes, 1000},
      {"8Mib", Unit::bytes, 1048576},
      {"100B", Unit::bytes, 100},
      {"100MB", Unit::bytes, 100e6},
      {"1kB", Unit::bytes, 1e3},
      {"1GB", Unit::bytes, 1e9},
      {"1TB", Unit::bytes, 1e12},
      {"1KiB", Unit::bytes, 1024},
      {"1MiB", Unit::bytes, 1048576},
      {"1GiB", Unit::bytes, 1073741824},
      {"2TiB", Unit::bytes, 2199023255552},
      {"1.25GBps", Unit::bytes_per_second, 1.25e9},
      {"10Gbps", Unit::bytes_per_second, 1.25e9},
      {"1KiBps", Unit::bytes_per_second, 1024},
      {"400Mbps", Unit::bytes_per_second, 50e6},
      {"5f", Unit::flops, 5},
      {"2kf", Unit::flops, 2e3},
      {"2Mf", Unit::flops, 2e6},
      {"10Gf", Unit::flops, 10e9},
      {"3Tf", Unit::flops, 3e12},
      {"1Pf", Unit::flops, 1e15},
      {"1Ef", Unit::flops, 1e18},
      {"2megaflops", Unit::flops, 2e6},
      {"10Gf", Unit::flops_per_second, 10e9},
      {"7flops", Unit::flops_per_second, 7},
  };
  for (const Quantity& q : quantities) {
    const auto value = parse_quantity(q.text, q.unit);
    ASSERT_TRUE(value) << q.text;
    EXPECT_DOUBLE_EQ(*value, q.value) << q.text;
  }
}

TEST(Units, RejectsEverythingElse) {
  const Quantity quantities[] = {
      {"", Unit::seconds, 0},
      {" ", Unit::seconds, 0},
      {"s", Unit::seconds, 0},
      {"-1s", Unit::seconds, 0},
      {"-0s", Unit::seconds, 0},
      {"--1s", Unit::seconds, 0},
      {"+1s", Unit::seconds, 0},
      {"nan", Unit::seconds, 0},
      {"nans", Unit::seconds, 0},
      {"inf", Unit::seconds, 0},
      {"infinity", Unit::seconds, 0},
      {"-inf", Unit::seconds, 0},
      {"1 s", Unit::seconds, 0},
      {" 1s", Unit::seconds, 0},
      {"1s ", Unit::seconds, 0},
      {"1S", Unit::seconds, 0},
      {"1sec", Unit::seconds, 0},
      {"1ks", Unit::seconds, 0},
      {"1,5s", Unit::seconds, 0},
      {"0x10s", Unit::seconds, 0},
      {"1e", Unit::seconds, 0},
      {"1e999s", Unit::seconds, 0},
      {"1e-999s", Unit::seconds, 0},
      {"1e305w", Unit::seconds, 0},
      {"1e-320ps", Unit::seconds, 0},
      {"1..5s", Unit::seconds, 0},
      {"1.5.5s", Unit::seconds, 0},
      {".s", Unit::seconds, 0},
      {"1s1s", Unit::seconds, 0},
      {"1\xC2\xB5s", Unit::seconds, 0},
      {"100", Unit::bytes, 0},
      {"0", Unit::bytes, 0},
      {"1KB", Unit::bytes, 0},
      {"1kiB", Unit::bytes, 0},
      {"1mB", Unit::bytes, 0},
      {"1GBps", Unit::bytes, 0},
      {"1e308TB", Unit::bytes, 0},
      {"1s", Unit::bytes, 0},
      {"1kkB", Unit::bytes, 0},
      {"1GB", Unit::bytes_per_second, 0},
      {"1Gb/s", Unit::bytes_per_second, 0},
      {"1ps", Unit::bytes_per_second, 0},
      {"10", Unit::flops, 0},
      {"10gf", Unit::flops, 0},
      {"10GFlops", Unit::flops, 0},
      {"10Gif", Unit::flops, 0},
      {"10Gfps", Unit::flops_per_second, 0},
      {"1kflops", Unit::flops, 0},
  };
  for (const Quantity& q : quantities) {
    EXPECT_FALSE(parse_quantity(q.text, q.unit)) << "'" << q.text << "'";
  }
  EXPECT_FALSE(parse_quantity(std::string("1s\0", 3), Unit::seconds));
  EXPECT_FALSE(parse_quantity(std::string(100000, '9'), Unit::seconds));
}

TEST(Units, ExamplesAreTrue) {
  for (const Unit unit : {Unit::seconds, Unit::bytes, Unit::flops, Unit::bytes_per_second, Unit::flops_per_second}) {
    std::string_view rest = unit_examples(unit);
    ASSERT_FALSE(rest.empty());
    while (!rest.empty()) {
      const std::string_view example = rest.substr(0, rest.find(", "));
      EXPECT_TRUE(parse_quantity(example, unit)) << example;
      rest.remove_prefix(std::min(rest.size(), example.size() + 2));
    }
  }
}

TEST(Units, Reals) {
  EXPECT_EQ(parse_real("0.1"), 0.1);
  EXPECT_EQ(parse_real("-2.5e-3"), -2.5e-3);
  EXPECT_EQ(parse_real("7"), 7);
  for (const char* text :
       {"", "-", "--1", "1 ", " 1", "1f", "nan", "-nan", "inf", "-inf", "1e400", "0x1p3", "1e", "1,0"}) {
    EXPECT_FALSE(parse_real(text)) << text;
  }
}

TEST(Units, Integers) {
  EXPECT_EQ(parse_integer("0"), 0ULL);
  EXPECT_EQ(parse_integer("1000000"), 1000000ULL);
  EXPECT_EQ(parse_integer("1e6"), 1000000ULL);
  EXPECT_EQ(parse_integer("2.5e1"), 25ULL);
  EXPECT_EQ(parse_integer("18446744073709551615"), std::numeric_limits<unsigned long long>::max());
  for (const char* text : {"", "-1", "-0", "+1", "1.5", "1e-1", "1e17", "18446744073709551616", "1e400", "nan", "0x10",
                           "12a", " 1", "1 ", "1 2", "1,2"}) {
    EXPECT_FALSE(parse_integer(text)) << text;
  }
}

TEST(Units, ForPeople) {
  EXPECT_EQ(format_bytes(1234567), "1.23 MB");
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(2e9), "2 GB");
  EXPECT_EQ(format_seconds(0.0000123), "12.3 us");
  EXPECT_EQ(format_seconds(0), "0 s");
  EXPECT_EQ(format_seconds(1.5), "1.5 s");
  EXPECT_EQ(format_seconds(90), "1.5 min");
  EXPECT_EQ(format_seconds(7200), "2 h");
  EXPECT_EQ(format_seconds(86400 * 3.0), "3 d");
}

}  // namespace
}  // namespace descent
