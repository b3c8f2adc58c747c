#include "algorithms/strategies/replicas.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

Snapshot vector_of(float value) {
  Buffer buffer(Precision::single_precision, 3);
  buffer.as<float>().setConstant(value);
  return std::move(buffer).freeze();
}

/// Counts how often an update is computed.
struct Counter {
  int made = 0;
  int computed = 0;

  std::shared_ptr<SharedUpdate> find(Replicas& replicas, const OptimizerState& state, const Snapshot& sum,
                                     std::uint64_t step) {
    return replicas.find(state, sum, step, [&] {
      ++made;
      return [this, result = vector_of(7)] {
        ++computed;
        return OptimizerState{.parameters = result, .slots = {}};
      };
    });
  }
};

TEST(Replicas, DoNotTakeWhatIsWrittenInTheSameMemoryForTheSame) {
  Replicas replicas;
  Snapshot parts[2] = {Buffer::zeros(Precision::double_precision, 3).freeze(),
                       Buffer::zeros(Precision::double_precision, 2).freeze()};
  const std::byte* const memory = parts[0].data();
  EXPECT_EQ(replicas.join(parts).as<double>().sum(), 0);
  Buffer in_place = Buffer::from(std::move(parts[0]));
  in_place.as<double>().setConstant(1);
  parts[0] = std::move(in_place).freeze();
  ASSERT_EQ(parts[0].data(), memory);
  EXPECT_EQ(replicas.join(parts).as<double>().sum(), 3);
}

TEST(Replicas, ShareTheUpdateOfOneSum) {
  Replicas replicas;
  Counter counter;
  const OptimizerState state{.parameters = vector_of(1), .slots = {}};
  const Snapshot sum = vector_of(2);
  const auto first = counter.find(replicas, state, sum, 0);
  EXPECT_FALSE(first->begun());
  for (int rank = 1; rank < 5; ++rank) {
    const auto other = counter.find(replicas, state, sum, 0);
    EXPECT_EQ(other, first);
    EXPECT_TRUE(other->begun());
    EXPECT_EQ(other->value().parameters.data(), first->value().parameters.data());
  }
  EXPECT_EQ(counter.made, 1);
  EXPECT_EQ(counter.computed, 1);
}

TEST(Replicas, TellOtherParametersSumsAndStepsApart) {
  Replicas replicas;
  Counter counter;
  const OptimizerState state{.parameters = vector_of(1), .slots = {}};
  const OptimizerState same_values{.parameters = vector_of(1), .slots = {}};
  const Snapshot sum = vector_of(2);
  const Snapshot another = vector_of(2);
  counter.find(replicas, state, sum, 0);
  counter.find(replicas, same_values, sum, 0);
  counter.find(replicas, state, another, 0);
  counter.find(replicas, state, sum.slice(0, 2), 0);
  counter.find(replicas, state, sum, 1);
  EXPECT_EQ(counter.made, 5);
}

TEST(Replicas, JoinTheSamePartsOnce) {
  Replicas replicas;
  const std::vector<Snapshot> parts{vector_of(1), vector_of(2)};
  const Snapshot joined = replicas.join(parts);
  EXPECT_EQ(joined.digest(), join(parts).digest());
  EXPECT_EQ(replicas.join(std::vector(parts)).data(), joined.data());
  const std::vector<Snapshot> others{vector_of(1), vector_of(3)};
  EXPECT_EQ(replicas.join(others).digest(), join(others).digest());
  EXPECT_EQ(replicas.join(std::span(parts).first(1)).data(), parts.front().data());
}

TEST(Replicas, ForgetWhatNobodyCanAskForAgain) {
  Replicas replicas;
  Counter counter;
  std::weak_ptr<SharedUpdate> first;
  {
    const OptimizerState state{.parameters = vector_of(1), .slots = {}};
    first = counter.find(replicas, state, vector_of(2), 0);
    EXPECT_FALSE(first.expired());
  }
  const OptimizerState later{.parameters = vector_of(4), .slots = {}};
  counter.find(replicas, later, vector_of(3), 1);
  EXPECT_TRUE(first.expired());
}

}  // namespace
}  // namespace descent
