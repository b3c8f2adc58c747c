#include "algorithms/models/models.hpp"
#include "algorithms/strategies/problem_factory.hpp"
#include "tests/support/data.hpp"

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace descent {
namespace {

const test::Values kData = {{"samples", "30"}, {"test-samples", "12"}, {"features", "4"}, {"classes", "3"}};

ProblemParts softmax_parts(std::size_t shards) {
  ProblemParts parts;
  parts.precision = Precision::double_precision;
  parts.model = "softmax";
  parts.model_settings = test::settings_of(model_rows(), "softmax", {{"l2", "0.5"}});
  parts.source = "synthetic-classification";
  parts.source_settings = test::settings_of(source_rows(), "synthetic-classification", kData);
  parts.partition = "iid";
  parts.partition_settings = test::settings_of(partition_rows(), "iid", {});
  parts.shards = shards;
  parts.seed = 1;
  return parts;
}

const RandomStream kNoise(1, Purpose::test);

/// A point where no class is as probable as another.
Snapshot some_point(const Problem& problem) {
  Buffer x(problem.precision(), problem.parameters());
  x.as<double>().setLinSpaced(-0.3, 0.7);
  return std::move(x).freeze();
}

TEST(Problem, DescribesDataAndShards) {
  const auto problem = make_problem(softmax_parts(4));
  EXPECT_EQ(problem->samples(), 30U);
  EXPECT_EQ(problem->parameters(), 15U);
  EXPECT_TRUE(problem->classifies());
  const auto sizes = problem->shard_sizes();
  ASSERT_EQ(sizes.size(), 4U);
  std::vector<bool> seen(30, false);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(problem->shard(i).size(), sizes[i]);
    for (const std::uint32_t sample : problem->shard(i)) {
      EXPECT_FALSE(seen[sample]);
      seen[sample] = true;
    }
  }
  EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}), 30U);
}

TEST(Problem, GradientIsThatOfTheSamplesNamed) {
  const auto problem = make_problem(softmax_parts(1));
  const Snapshot x = some_point(*problem);
  const auto data = test::load("synthetic-classification", kData);
  const auto model = find_model("softmax").make<double>()(softmax_parts(1).model_settings, {4, 3}, 1);
  const std::vector<std::uint32_t> samples = {7, 29, 0};
  Matrix<double> inputs(4, 3);
  Vector<double> targets(3);
  for (Eigen::Index i = 0; i < 3; ++i) {
    inputs.col(i) = data.train.inputs.col(samples[static_cast<std::size_t>(i)]);
    targets[i] = data.train.targets[samples[static_cast<std::size_t>(i)]];
  }
  Vector<double> expected(15);
  model->gradient(x.as<double>(), {inputs, targets, 3, kNoise}, expected);
  EXPECT_EQ(problem->gradient(x, samples, 3, kNoise).as<double>(), expected);
}

TEST(Problem, NoSamplesNamedMeansAllInOrder) {
  const auto problem = make_problem(softmax_parts(1));
  const Snapshot x = some_point(*problem);
  std::vector<std::uint32_t> all(30);
  std::iota(all.begin(), all.end(), 0U);
  EXPECT_EQ(problem->gradient(x, {}, 30, kNoise).digest(), problem->gradient(x, all, 30, kNoise).digest());
}

TEST(Problem, GradientIsTheDerivativeOfEvaluationAndPenalty) {
  const auto problem = make_problem(softmax_parts(1));
  const Snapshot x = some_point(*problem);
  const auto objective = [&](const Vector<double>& at) {
    Buffer buffer(Precision::double_precision, problem->parameters());
    buffer.as<double>() = at;
    const Snapshot point = std::move(buffer).freeze();
    return problem->evaluate(point, Split::train, 0, 30).loss() + problem->penalty(point);
  };
  const Snapshot gradient = problem->gradient(x, {}, 30, kNoise);
  constexpr double kStep = 1e-5;
  for (Eigen::Index i = 0; i < 15; ++i) {
    Vector<double> above = x.as<double>();
    Vector<double> below = above;
    above[i] += kStep;
    below[i] -= kStep;
    EXPECT_NEAR(gradient.as<double>()[i], (objective(above) - objective(below)) / (2 * kStep), 1e-8) << i;
  }
}

TEST(Problem, EvaluationsOfPartsAddUp) {
  const auto problem = make_problem(softmax_parts(1));
  const Snapshot x = some_point(*problem);
  for (const Split split : {Split::train, Split::test}) {
    const std::size_t size = problem->split_size(split);
    EXPECT_EQ(size, split == Split::train ? 30U : 12U);
    const Evaluation whole = problem->evaluate(x, split, 0, size);
    Evaluation sum = problem->evaluate(x, split, 0, 5);
    sum += problem->evaluate(x, split, 5, size - 5);
    EXPECT_EQ(sum.samples, size);
    EXPECT_EQ(sum.correct, whole.correct);
    EXPECT_NEAR(sum.loss_sum, whole.loss_sum, 1e-12 * whole.loss_sum);
  }
}

TEST(Problem, LossSamplesBoundTheTrainingEvaluationOnly) {
  ProblemParts parts = softmax_parts(1);
  parts.loss_samples = 10;
  EXPECT_EQ(make_problem(parts)->split_size(Split::train), 10U);
  EXPECT_EQ(make_problem(parts)->split_size(Split::test), 12U);
  EXPECT_EQ(make_problem(parts)->samples(), 30U);
  parts.loss_samples = 1000;
  EXPECT_EQ(make_problem(parts)->split_size(Split::train), 30U);
}

std::shared_ptr<const Constraint> simplex() {
  return find_constraint("simplex").make(test::settings_of(constraint_rows(), "simplex", {}));
}

TEST(Problem, BeginsInItsConstraint) {
  ProblemParts parts = softmax_parts(1);
  EXPECT_EQ(make_problem(parts)->initial_parameters().as<double>().norm(), 0);
  EXPECT_FALSE(make_problem(parts)->optimality(some_point(*make_problem(parts))));
  parts.composite.constraint = simplex();
  const auto problem = make_problem(parts);
  EXPECT_TRUE(problem->initial_parameters().as<double>().isApprox(Vector<double>::Constant(15, 1 / 15.0), 1e-14));
  EXPECT_LT(problem->optimality(problem->initial_parameters())->violation, 1e-15);
  EXPECT_GT(problem->optimality(some_point(*problem))->violation, 0.1);
}

TEST(Problem, ItsRegularizerIsPartOfThePenalty) {
  ProblemParts parts = softmax_parts(1);
  const auto plain = make_problem(parts);
  const Snapshot x = some_point(*plain);
  parts.composite.regularizer =
      find_regularizer("l1").make(test::settings_of(regularizer_rows(), "l1", {{"lambda", "0.25"}}));
  const auto problem = make_problem(parts);
  EXPECT_DOUBLE_EQ(problem->penalty(x), plain->penalty(x) + 0.25 * x.as<double>().lpNorm<1>());
  // F is the smooth part alone: gradients do not know of it.
  EXPECT_EQ(problem->gradient(x, {}, 30, kNoise).digest(), plain->gradient(x, {}, 30, kNoise).digest());
}

TEST(Problem, OptimalityIsByTheExactGradientOfTheTrainingLoss) {
  ProblemParts parts = softmax_parts(1);
  parts.source_settings = test::settings_of(source_rows(), "synthetic-classification",
                                            {{"samples", "2500"}, {"features", "4"}, {"classes", "3"}});
  parts.composite.constraint = simplex();
  const auto problem = make_problem(parts);
  const Snapshot x = some_point(*problem);
  const Optimality expected = optimality_of(parts.composite, x, problem->gradient(x, {}, 2500, kNoise));
  const auto whole = problem->optimality(x);
  ASSERT_TRUE(whole && whole->gap);
  EXPECT_NEAR(whole->residual, expected.residual, 1e-13);
  EXPECT_NEAR(*whole->gap, *expected.gap, 1e-13);

  std::vector<std::uint32_t> first(1500);
  std::iota(first.begin(), first.end(), 0U);
  parts.loss_samples = 1500;
  const Optimality of_part = optimality_of(parts.composite, x, problem->gradient(x, first, 1500, kNoise));
  EXPECT_NEAR(make_problem(parts)->optimality(x)->residual, of_part.residual, 1e-13);
  EXPECT_GT(std::abs(of_part.residual - expected.residual), 1e-6);

  ProblemParts noisy;
  noisy.precision = Precision::double_precision;
  noisy.model = "quadratic";
  noisy.composite.constraint = simplex();
  const auto residual = [&](const std::string& noise) {
    noisy.model_settings = test::settings_of(model_rows(), "quadratic", {{"dimension", "6"}, {"noise", noise}});
    const auto made = make_problem(noisy);
    return made->optimality(made->initial_parameters())->residual;
  };
  EXPECT_EQ(residual("0"), residual("5"));
}

TEST(Problem, WithoutData) {
  ProblemParts parts;
  parts.model = "quadratic";
  parts.model_settings = test::settings_of(model_rows(), "quadratic", {{"dimension", "6"}, {"noise", "1"}});
  parts.shards = 3;
  const auto problem = make_problem(parts);
  EXPECT_EQ(problem->samples(), 0U);
  EXPECT_EQ(problem->split_size(Split::train), 1U);
  EXPECT_EQ(problem->split_size(Split::test), 0U);
  EXPECT_FALSE(problem->classifies());
  const Snapshot x = problem->initial_parameters();
  EXPECT_GT(problem->evaluate(x, Split::train, 0, 1).loss(), 0);
  // The noise of a batch of B samples is 1/√B of that of one, drawn from the stream.
  const auto exact = problem->gradient(x, {}, std::size_t{1} << 60U, kNoise);
  const auto one = problem->gradient(x, {}, 1, kNoise);
  const auto hundred = problem->gradient(x, {}, 100, kNoise);
  const Vector<float> noise = one.as<float>() - exact.as<float>();
  EXPECT_TRUE((hundred.as<float>() - exact.as<float>()).isApprox(noise / 10, 1e-4F));
  EXPECT_GT(noise.norm(), 0.1);
}

TEST(Problem, ModelsAndDataThatDoNotFit) {
  ProblemParts parts = softmax_parts(1);
  parts.source = "synthetic-regression";
  parts.source_settings = test::settings_of(source_rows(), "synthetic-regression", {});
  EXPECT_THROW(make_problem(parts), InputError);
  parts = softmax_parts(31);
  EXPECT_THROW(make_problem(parts), InputError);
}

}  // namespace
}  // namespace descent
