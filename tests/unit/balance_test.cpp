// Work divided by speed: the arithmetic of divisions, and that gradients weighed by their samples stay unbiased.
#include "algorithms/balance/apportion.hpp"
#include "algorithms/strategies/server_shards.hpp"
#include "tests/support/strategy_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace descent {
namespace {

using Counts = std::vector<std::size_t>;
using Vector64 = Vector<double>;

Counts apportioned(std::size_t total, const std::vector<double>& weights, Bounds bounds) {
  return apportion(total, weights, std::vector<Bounds>(weights.size(), bounds));
}

TEST(Apportion, IsProportionalAndRoundsByLargestRemainders) {
  EXPECT_EQ(apportioned(42, {1, 2, 4}, {1, 42}), (Counts{6, 12, 24}));
  EXPECT_EQ(apportioned(42, {1e9, 2e9, 4e9}, {1, 42}), (Counts{6, 12, 24}));
  // 10 · (0.42, 0.33, 0.25): the remainders are 0.2, 0.3, 0.5.
  EXPECT_EQ(apportioned(10, {42, 33, 25}, {0, 10}), (Counts{4, 3, 3}));
  // Of equal remainders the first.
  EXPECT_EQ(apportioned(5, {1, 1, 1}, {0, 5}), (Counts{2, 2, 1}));
}

TEST(Apportion, KeepsToBoundsAndGivesTheRestInProportion) {
  EXPECT_EQ(apportioned(42, {1, 1000, 1000}, {2, 42}), (Counts{2, 20, 20}));
  EXPECT_EQ(apportioned(40, {1, 2, 100}, {1, 16}), (Counts{8, 16, 16}));
  // Who is raised to the least makes others fall below it.
  EXPECT_EQ(apportioned(10, {1, 10, 30}, {3, 10}), (Counts{3, 3, 4}));
  EXPECT_EQ(apportioned(9, {1, 5, 9}, {3, 3}), (Counts{3, 3, 3}));
  EXPECT_EQ(apportion(10, std::vector<double>{1, 1}, std::vector<Bounds>{{1, 2}, {1, 10}}), (Counts{2, 8}));
}

TEST(Apportion, UsesUpTheTotalWithinBoundsWhateverTheWeights) {
  RandomStream random(1, Purpose::test);
  for (int trial = 0; trial < 2000; ++trial) {
    const std::size_t count = 1 + random() % 9;
    std::vector<double> weights;
    std::vector<Bounds> bounds;
    std::size_t least = 0;
    std::size_t most = 0;
    for (std::size_t i = 0; i < count; ++i) {
      weights.push_back(static_cast<double>(1 + random() % 1000) / static_cast<double>(1 + random() % 1000));
      const std::size_t low = random() % 20;
      bounds.push_back({low, low + random() % 50});
      least += low;
      most += bounds.back().most;
    }
    const std::size_t total = least + random() % (most - least + 1);
    const Counts shares = apportion(total, weights, bounds);
    EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), std::size_t{0}), total);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_GE(shares[i], bounds[i].least);
      EXPECT_LE(shares[i], bounds[i].most);
      for (std::size_t j = 0; j < count; ++j) {
        // Nobody could give another who is two units short of its proportion one.
        const bool may = shares[i] > bounds[i].least && shares[j] < bounds[j].most;
        const double mine = (static_cast<double>(shares[i]) - 1) / weights[i];
        const double other = (static_cast<double>(shares[j]) + 1) / weights[j];
        EXPECT_FALSE(may && mine > other * (1 + 1e-9)) << i << " " << j;
      }
    }
  }
}

const Counts kSizes(12, 50);
const Load kLoad{3, 36, kSizes};

TEST(Division, OfShardsMovesAsFewAsItCan) {
  const Division equal = equal_division(kLoad);
  EXPECT_EQ(equal.shards[1], (Counts{4, 5, 6, 7}));
  EXPECT_EQ(equal.batches, (Counts{12, 12, 12}));
  const std::vector<double> speeds{1, 1, 4};
  const Division after = divide(Balanced::shards, kLoad, equal, speeds);
  EXPECT_EQ(after.shards, (std::vector<Counts>{{0, 1}, {4, 5}, {8, 9, 10, 11, 3, 2, 7, 6}}));
  EXPECT_EQ(after.batches, (Counts{6, 6, 24}));
  EXPECT_EQ(moves_between(equal, after).size(), 4U);
  EXPECT_TRUE(moves_between(after, divide(Balanced::shards, kLoad, after, speeds)).empty());
}

TEST(Division, OfBatchesStaysWithinWhatShardsGive) {
  const Counts sizes{50, 50, 50, 20, 20, 20};
  const Load load{2, 240 - 40, sizes};
  const Division equal = equal_division(load);
  EXPECT_EQ(most_drawn(equal.shards[0], load), 150U);
  EXPECT_EQ(most_drawn(equal.shards[1], load), 60U);
  EXPECT_EQ(divide(Balanced::batches, load, equal, std::vector<double>{1, 3}).batches, (Counts{140, 60}));
  EXPECT_NE(fault_of(Balanced::batches, {2, 212, sizes}), "");
  EXPECT_EQ(fault_of(Balanced::batches, {2, 210, sizes}), "");
  EXPECT_NE(fault_of(Balanced::batches, {2, 4, sizes}), "");
}

/// Softmax regression on 48 samples of four classes.
Training training_on(const std::string& partition, const test::Values& settings, std::size_t shards,
                     std::uint64_t iterations, std::uint64_t seed) {
  ProblemParts parts;
  parts.precision = Precision::double_precision;
  parts.model = "softmax";
  parts.model_settings = test::settings_of(model_rows(), "softmax", {{"l2", "0.5"}});
  parts.source = "synthetic-classification";
  parts.source_settings = test::settings_of(source_rows(), *parts.source, {{"samples", "48"}, {"classes", "4"}});
  parts.partition = partition;
  parts.partition_settings = test::settings_of(partition_rows(), partition, settings);
  parts.shards = shards;
  parts.seed = seed;
  Training training = test::quadratic_training(1, iterations);
  training.problem = make_problem(parts);
  training.parameter_bytes = 8.0 * static_cast<double>(training.problem->parameters());
  return training;
}

/// Shards that see different labels.
Training skewed(std::size_t shards, std::uint64_t iterations) {
  return training_on("label-shards", {{"pieces", "1"}}, shards, iterations, 5);
}

void divide(Training& training, std::size_t workers, Division division) {
  training.batch = std::accumulate(division.batches.begin(), division.batches.end(), std::size_t{0}) / workers;
  training.division = std::make_shared<const Division>(std::move(division));
}

struct LastParameters : test::CountingObserver {
  Snapshot parameters;
  void updated(const Update& update, double) override { parameters = update.parameters; }
};

Vector64 full_gradient(const Problem& problem, const Snapshot& x) {
  return problem.gradient(x, {}, problem.samples(), RandomStream(1, Purpose::test)).as<double>();
}

/// In a fixed direction, in which the parts of a gradient do not cancel.
double direction(const Vector64& gradient) {
  return gradient.dot(Vector64::LinSpaced(gradient.size(), -1, 2));
}

/// Batches of 12 and 36 samples which are all that the workers have: the update is along the gradient of all 48.
void expect_a_full_gradient_step(const std::string& strategy, const test::Values& settings, int servers,
                                 std::optional<CollectiveChoice> collective = {}) {
  Training training = skewed(4, 1);
  divide(training, 2, {{12, 36}, {{2}, {0, 1, 3}}});
  std::vector<LastParameters> observers(2 + static_cast<std::size_t>(servers));
  std::vector<Observer*> all;
  for (LastParameters& observer : observers) {
    all.push_back(&observer);
  }
  const test::StrategyRun run{.strategy = strategy,
                              .settings = settings,
                              .cast = {2, servers},
                              .training = training,
                              .collective = std::move(collective)};
  run(all);
  const Snapshot x = training.problem->initial_parameters();
  const Vector64 expected = x.as<double>() - training.learning_rate * full_gradient(*training.problem, x);
  const std::size_t reporting = servers > 0 ? 2 : 0;
  EXPECT_LT((observers[reporting].parameters.as<double>() - expected).norm(), 1e-15) << strategy;
}

TEST(WeighedGradients, OfAllSamplesAreTheFullGradientByDistributedSgd) {
  expect_a_full_gradient_step("d-sgd", {}, 1);
}

TEST(WeighedGradients, OfAllSamplesAreTheFullGradientByParameterServer) {
  expect_a_full_gradient_step("parameter-server", {{"consistency", "bsp"}}, 1);
}

TEST(WeighedGradients, OfAllSamplesAreTheFullGradientByAllreduce) {
  expect_a_full_gradient_step("allreduce", {}, 0, CollectiveChoice{&find_collective("ring"), {}, {}});
}

/// The mean of both workers' gradients at the initial parameters, over so many rounds.
Vector64 mean_gradient(const Training& training, int rounds) {
  Vector64 sums[2];
  test::ClusterRun run(2);
  run([&](Communicator& communicator) {
    const auto worker = static_cast<std::size_t>(communicator.rank());
    Learner learner(training, communicator, worker, 2);
    const Snapshot x = learner.initial_parameters();
    sums[worker] = Vector64::Zero(static_cast<Eigen::Index>(x.size()));
    for (int round = 0; round < rounds; ++round) {
      sums[worker] += learner.gradient(x).as<double>();
    }
  });
  return (sums[0] + sums[1]) / (2.0 * rounds);
}

/// Shards of one label each, one and three of them; of each, two samples a round. After six rounds all samples were
/// drawn once, so the mean over the rounds is the expectation: the full gradient.
TEST(WeighedGradients, OfDividedShardsAreUnbiasedWhereShardsDiffer) {
  Training training = skewed(4, 1);
  divide(training, 2, {{2, 6}, {{2}, {0, 1, 3}}});
  const Vector64 full = full_gradient(*training.problem, training.problem->initial_parameters());
  EXPECT_LT((mean_gradient(training, 6) - full).norm(), 1e-14);
}

/// Each worker has a shard, and batches are one and three samples: the expectation is a mean over shards weighed 1 : 3.
TEST(WeighedGradients, OfDividedBatchesAreMeansOverShardsWeighedByBatches) {
  Training training = skewed(2, 1);
  divide(training, 2, {{1, 3}, {{0}, {1}}});
  const Problem& problem = *training.problem;
  const Snapshot x = problem.initial_parameters();
  const auto of_shard = [&](std::size_t shard) -> Vector64 {
    return problem.gradient(x, problem.shard(shard), problem.shard(shard).size(), RandomStream(1, Purpose::test))
        .as<double>();
  };
  const Vector64 expected = 0.25 * of_shard(0) + 0.75 * of_shard(1);
  EXPECT_LT((mean_gradient(training, 24) - expected).norm(), 1e-14);
  EXPECT_GT((expected - full_gradient(problem, x)).norm(), 0.01);  // the bias where shards differ
}

/// Over iid partitions, batches of one and three are unbiased: of 300 differences from the full gradient, the mean in a
/// fixed direction is within 3.3 standard errors (99.9 %) of none.
TEST(WeighedGradients, OfDividedBatchesAreUnbiasedWhereShardsAreAlike) {
  constexpr std::size_t kTrials = 300;
  std::vector<Training> trainings;
  trainings.reserve(kTrials);
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    trainings.push_back(training_on("iid", {}, 2, 1, trial));
    trainings.back().seed = trial;
    divide(trainings.back(), 2, {{1, 3}, {{0}, {1}}});
  }
  std::vector<double> sums[2] = {std::vector<double>(kTrials), std::vector<double>(kTrials)};
  test::ClusterRun run(2);
  run([&](Communicator& communicator) {
    const auto worker = static_cast<std::size_t>(communicator.rank());
    for (std::size_t trial = 0; trial < kTrials; ++trial) {
      Learner learner(trainings[trial], communicator, worker, 2);
      sums[worker][trial] = direction(learner.gradient(learner.initial_parameters()).as<double>());
    }
  });
  double sum = 0;
  double squares = 0;
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    const Problem& problem = *trainings[trial].problem;
    const double difference =
        (sums[0][trial] + sums[1][trial]) / 2 - direction(full_gradient(problem, problem.initial_parameters()));
    sum += difference;
    squares += difference * difference;
  }
  const double mean = sum / kTrials;
  const double error = std::sqrt((squares / kTrials - mean * mean) / kTrials);
  EXPECT_GT(error, 0);
  EXPECT_LT(std::abs(mean), 3.3 * error);
}

/// The least that the largest of `parts` runs can have, by trying all.
std::size_t least_largest(const std::vector<Tensor>& tensors, std::size_t first, std::size_t parts) {
  std::size_t count = 0;
  if (parts == 1) {
    for (std::size_t i = first; i < tensors.size(); ++i) {
      count += tensors[i].size();
    }
    return count;
  }
  std::size_t best = static_cast<std::size_t>(-1);
  for (std::size_t i = first; tensors.size() - i > parts - 1; ++i) {
    count += tensors[i].size();
    best = std::min(best, std::max(count, least_largest(tensors, i + 1, parts - 1)));
  }
  return best;
}

TEST(WholeTensors, AreDealtOutSoThatTheLargestRunIsAsSmallAsCanBe) {
  RandomStream random(2, Purpose::test);
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<Tensor> tensors(1 + random() % 8);
    std::size_t all = 0;
    std::size_t largest_tensor = 0;
    for (Tensor& tensor : tensors) {
      tensor = {1 + random() % 30, 1 + random() % 5, 0};
      all += tensor.size();
      largest_tensor = std::max(largest_tensor, tensor.size());
    }
    const std::size_t parts = 1 + random() % tensors.size();
    const std::vector<Part> runs = whole_tensor_parts(tensors, parts);
    ASSERT_EQ(runs.size(), parts);
    std::size_t end = 0;
    std::size_t largest = 0;
    for (const Part& run : runs) {
      EXPECT_EQ(run.begin, end);
      EXPECT_GT(run.count, 0U);
      end += run.count;
      largest = std::max(largest, run.count);
    }
    EXPECT_EQ(end, all);
    EXPECT_EQ(largest, least_largest(tensors, 0, parts));
    EXPECT_LE(static_cast<double>(largest),
              static_cast<double>(all) / static_cast<double>(parts) + static_cast<double>(largest_tensor));
  }
}

}  // namespace
}  // namespace descent
