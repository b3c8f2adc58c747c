#include "algorithms/collectives/executor.hpp"
#include "tests/support/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace descent {
namespace {

constexpr double kLatency = 100e-6;  // two links of 50 us
constexpr double kBandwidth = 1e9;

int ceil_log2(int ranks) {
  return ranks > 1 ? static_cast<int>(std::ceil(std::log2(ranks))) : 0;
}

struct ClosedForm {
  std::string collective;
  int ranks;
};

double seconds(const ClosedForm& form, double bytes) {
  const double p = form.ranks;
  const double alpha = kLatency;
  const double beta = 1 / kBandwidth;
  if (form.collective == "ring") {
    return 2 * (p - 1) * (alpha + beta * bytes / p);
  }
  if (form.collective == "recursive-doubling") {
    const int rounds = static_cast<int>(std::log2(p)) + (std::exp2(ceil_log2(form.ranks)) == p ? 0 : 2);
    return rounds * (alpha + beta * bytes);
  }
  if (form.collective == "tree") {
    return 2 * ceil_log2(form.ranks) * (alpha + beta * bytes);
  }
  // The centre's link carries all P−1 vectors, one way and then the other.
  return p > 1 ? 2 * (alpha + beta * bytes * (p - 1)) : 0;
}

class CollectiveTime : public ::testing::TestWithParam<ClosedForm> {};

TEST_P(CollectiveTime, EqualsItsClosedFormOnANeutralNetwork) {
  const ClosedForm form = GetParam();
  // A multiple of every number of ranks, so that all chunks are equal.
  constexpr std::size_t kElements = 720720;
  test::ClusterRun cluster(form.ranks);
  const double measured = cluster([&](Communicator& communicator) {
    Collective collective(find_collective(form.collective), communicator, communicator.size(), 4, 0);
    const Snapshot sum = collective.allreduce(Buffer::zeros(Precision::single_precision, kElements).freeze()).sum;
    EXPECT_EQ(sum.size(), kElements);
  });
  const double expected = seconds(form, 4.0 * kElements);
  EXPECT_NEAR(measured, expected, 1e-4 * expected);
}

std::vector<ClosedForm> forms() {
  std::vector<ClosedForm> all;
  for (const char* name : {"ring", "recursive-doubling", "tree", "coordinator"}) {
    for (const int ranks : {1, 2, 3, 4, 5, 7, 8, 16}) {
      all.push_back({name, ranks});
    }
  }
  return all;
}

std::string name_of(const ::testing::TestParamInfo<ClosedForm>& info) {
  std::string name = info.param.collective + "_P" + std::to_string(info.param.ranks);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, CollectiveTime, ::testing::ValuesIn(forms()), name_of);

}  // namespace
}  // namespace descent
