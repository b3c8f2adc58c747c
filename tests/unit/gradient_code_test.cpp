#include "algorithms/strategies/gradient_code.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace descent {
namespace {

using Scheme = GradientCode::Scheme;

/// Calls f with every subset of `count` of the workers.
template <class F>
void for_each_subset(int workers, int count, F&& f) {
  for (unsigned bits = 0; bits < 1U << static_cast<unsigned>(workers); ++bits) {
    std::vector<int> subset;
    for (int worker = 0; worker < workers; ++worker) {
      if ((bits >> static_cast<unsigned>(worker) & 1U) != 0) {
        subset.push_back(worker);
      }
    }
    if (static_cast<int>(subset.size()) == count) {
      f(subset);
    }
  }
}

/// What the weighted messages add up to, by partition.
std::vector<double> decoded(const GradientCode& code, const std::vector<int>& from, const std::vector<double>& weights,
                            int workers) {
  std::vector<double> sums(static_cast<std::size_t>(workers), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    for (const GradientCode::Term& term : code.row(from[i])) {
      sums[static_cast<std::size_t>(term.partition)] += weights[i] * term.coefficient;
    }
  }
  return sums;
}

void expect_any_survivors_give_the_sum(Scheme scheme, int workers, int stragglers) {
  const GradientCode code(scheme, workers, stragglers, 3);
  for (int worker = 0; worker < workers; ++worker) {
    EXPECT_EQ(code.row(worker).size(), static_cast<std::size_t>(stragglers) + 1);
  }
  for_each_subset(workers, workers - stragglers, [&](const std::vector<int>& survivors) {
    const auto weights = code.decode(survivors);
    ASSERT_TRUE(weights);
    for (const double sum : decoded(code, survivors, *weights, workers)) {
      EXPECT_NEAR(sum, 1, 1e-9);
    }
  });
}

TEST(GradientCode, CyclicGivesTheSumFromAnyPLessS) {
  for (const int workers : {1, 2, 3, 5, 8}) {
    for (int stragglers = 0; stragglers < workers && stragglers < 4; ++stragglers) {
      expect_any_survivors_give_the_sum(Scheme::cyclic_repetition, workers, stragglers);
    }
  }
}

TEST(GradientCode, FractionalGivesTheSumFromAnyPLessS) {
  expect_any_survivors_give_the_sum(Scheme::fractional_repetition, 6, 1);
  expect_any_survivors_give_the_sum(Scheme::fractional_repetition, 6, 2);
  expect_any_survivors_give_the_sum(Scheme::fractional_repetition, 8, 3);
}

TEST(GradientCode, FewerDoNotSuffice) {
  const GradientCode cyclic(Scheme::cyclic_repetition, 5, 2, 3);
  for_each_subset(5, 2, [&](const std::vector<int>& two) { EXPECT_FALSE(cyclic.decode(two)); });
  // One group of a fractional code has all partitions; workers 0 and 3 have the same ones.
  const GradientCode fractional(Scheme::fractional_repetition, 6, 1, 3);
  EXPECT_TRUE(fractional.decode(std::vector{0, 1, 2}));
  EXPECT_FALSE(fractional.decode(std::vector{0, 3, 1, 4}));
}

}  // namespace
}  // namespace descent
