// Allreduce that goes on with those who are left: whoever dies whenever, those who are there at the end have the same
// parameters, and they are those of the updates written out.
#include "algorithms/strategies/elastic_allreduce.hpp"
#include "sim/disturbance/outages.hpp"
#include "tests/support/strategy_run.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iomanip>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace descent {
namespace {

constexpr double kForever = std::numeric_limits<double>::infinity();
constexpr std::size_t kElasticDimension = 2'000;
constexpr std::uint64_t kIterations = 4;
constexpr double kTimeout = 0.1;
/// A gradient.
constexpr double kStepTime = 0.02;

struct Crash {
  int rank;
  double at;
  double repair = kForever;
};

struct End {
  std::string digest;
  double first_element = 0;
  double time = 0;
  std::uint64_t iterations = 0;
};

/// Counts what the strategy says of losses.
struct Witness : test::CountingObserver {
  std::uint64_t iterations = 0;
  int lost = 0;
  int returned = 0;
  bool told_end = false;

  void updated(const Update& update, double) override { iterations = update.iteration; }
  void recovered(const Recovered& what, double) override {
    lost += what.lost_peers;
    returned += what.returned_peers;
  }
  void finished(const Share&, const Snapshot&, double) override { told_end = true; }
};

struct ElasticRun {
  int workers = 4;
  std::string collective = "ring";
  std::vector<Crash> crashes = {};
  std::size_t least_members = 1;
  std::string fidelity = "message";

  static Training training() {
    ProblemParts parts;
    parts.precision = Precision::double_precision;
    parts.model = "quadratic";
    parts.model_settings = test::settings_of(model_rows(), "quadratic",
                                             {{"dimension", std::to_string(kElasticDimension)}, {"noise", "0.5"}});
    Training training = test::quadratic_training(kElasticDimension, kIterations);
    training.problem = make_problem(parts);
    training.flops_per_sample = kStepTime * 1e9;
    training.seed = 1;
    return training;
  }

  /// By rank: how those ended that did. In a process of its own, because a process has one simulation.
  std::vector<std::optional<End>> operator()() const {
    const test::TemporaryFile file("ends", "");
    const pid_t child = ::fork();
    if (child == 0) {
      simulate(file.path());
      ::_exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    std::vector<std::optional<End>> ends(static_cast<std::size_t>(workers));
    std::ifstream in(file.path());
    std::size_t rank = 0;
    for (End end; in >> rank >> std::quoted(end.digest) >> end.first_element >> end.time >> end.iterations;) {
      ends.at(rank) = end;
    }
    return ends;
  }

 private:
  void simulate(const std::filesystem::path& file) const {
    const test::TemporaryFile platform("elastic.xml", test::cluster_xml(workers, "4MBps", "100us"));
    KernelPool pool(1);
    NetworkSettings network = test::neutral_network();
    network.fidelity = fidelity;
    SimGridWorld world(platform.path(), network, 1, pool);
    const CollectiveChoice choice = choose_collective(collective);
    Recovery recovery;
    recovery.timeout_s = kTimeout;
    recovery.give_up_s = 5;
    recovery.least_members = least_members;
    const Training training = ElasticRun::training();
    std::vector<Witness> witnesses(static_cast<std::size_t>(workers));
    std::ofstream out(file);
    for (int rank = 0; rank < workers; ++rank) {
      const auto number = static_cast<std::size_t>(rank);
      world.add({"node-" + std::to_string(rank), charge_at_speed,
                 [&, number](Communicator& communicator) {
                   Learner learner(training, communicator, number, static_cast<std::size_t>(workers));
                   ElasticAllreduce replica(choice, recovery, communicator, learner);
                   replica.run();
                   out << number << " \"" << replica.parameters().digest() << "\" " << std::setprecision(17)
                       << replica.parameters().as<double>()[0] << " " << communicator.now() << " "
                       << witnesses[number].iterations << "\n";
                 },
                 &witnesses[number]});
    }
    world.recover({});
    for (std::size_t cause = 0; cause < crashes.size(); ++cause) {
      const std::string host = "node-" + std::to_string(crashes[cause].rank);
      FailureSettings settings;
      settings.at_s = crashes[cause].at;
      settings.repair_s = crashes[cause].repair;
      world.fail(host, Outages(settings, host, cause, 1));
    }
    world.run();
    // Who tells the end is there at the end.
    int told = 0;
    for (const Witness& witness : witnesses) {
      told += witness.told_end ? 1 : 0;
    }
    EXPECT_EQ(told, 1);
  }
};

/// The element of the mean of the gradients at x of these workers, at a step.
Vector<double> mean_gradient(const Training& training, const Vector<double>& x, std::uint64_t step,
                             const std::vector<std::uint64_t>& workers) {
  Vector<double> sum = Vector<double>::Zero(x.size());
  for (const std::uint64_t worker : workers) {
    Buffer buffer(Precision::double_precision, kElasticDimension);
    buffer.as<double>() = x;
    sum += training.problem
               ->gradient(std::move(buffer).freeze(), {}, 1,
                          RandomStream(training.seed, Purpose::gradient_noise, worker, step))
               .as<double>();
  }
  return sum / static_cast<double>(workers.size());
}

/// `members(step)`: whose gradients are in the update.
template <class Members>
double by_hand(Members&& members) {
  const Training training = ElasticRun::training();
  Vector<double> x = training.problem->initial_parameters().as<double>();
  for (std::uint64_t step = 0; step < kIterations; ++step) {
    x -= training.learning_rate * mean_gradient(training, x, step, members(step));
  }
  return x[0];
}

double undisturbed_time(const std::string& collective) {
  double time = 0;
  for (const std::optional<End>& end : ElasticRun{.collective = collective}()) {
    time = std::max(time, end->time);
  }
  return time;
}

void expect_agreement(const std::vector<std::optional<End>>& ends, std::size_t least) {
  std::set<std::string> digests;
  std::size_t ended = 0;
  for (const std::optional<End>& end : ends) {
    if (end) {
      digests.insert(end->digest);
      ++ended;
    }
  }
  EXPECT_GE(ended, least);
  EXPECT_EQ(digests.size(), 1U);
}

class ElasticAllreduceOf : public ::testing::TestWithParam<std::string> {};

/// A run has four times a gradient of 20 ms and a sum of some 8 ms.
TEST_P(ElasticAllreduceOf, SurvivorsAgreeWhoeverDiesWhenever) {
  const double time = undisturbed_time(GetParam());
  for (const int victim : {0, 3}) {
    for (double at = 0.0005; at < time; at += GetParam() == "ring" ? 0.0023 : 0.0053) {
      SCOPED_TRACE("rank " + std::to_string(victim) + " dies at " + std::to_string(at));
      const auto ends = ElasticRun{.collective = GetParam(), .crashes = {{victim, at}}}();
      expect_agreement(ends, 3);
      ASSERT_FALSE(HasFailure());
    }
  }
}

TEST_P(ElasticAllreduceOf, WhoComesBackAgreesToo) {
  const double time = undisturbed_time(GetParam());
  for (double at = 0.001; at < time - kStepTime; at += 0.0083) {
    for (const double repair : {0.001, 0.05, 0.12, 0.3}) {
      SCOPED_TRACE("dies at " + std::to_string(at) + " for " + std::to_string(repair));
      const auto ends = ElasticRun{.collective = GetParam(), .crashes = {{2, at, repair}}}();
      expect_agreement(ends, 3);
      ASSERT_FALSE(HasFailure());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Collectives, ElasticAllreduceOf,
                         ::testing::Values("ring", "recursive-doubling", "tree", "halving-doubling", "double-tree",
                                           "direct", "coordinator"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(ElasticAllreduce, WithoutFailuresTakesTheUpdatesOfAll) {
  const auto ends = ElasticRun{}();
  expect_agreement(ends, 4);
  EXPECT_NEAR(ends[0]->first_element, by_hand([](std::uint64_t) {
                return std::vector<std::uint64_t>{0, 1, 2, 3};
              }),
              1e-12);
}

/// In the middle of the gradient of step 2.
TEST(ElasticAllreduce, GoesOnWithTheMeanOfThoseWhoAreLeft) {
  const double of_a_step = undisturbed_time("ring") / kIterations;
  const auto ends = ElasticRun{.crashes = {{1, 2 * of_a_step + kStepTime / 2}}}();
  expect_agreement(ends, 3);
  EXPECT_FALSE(ends[1]);
  const double expected = by_hand([](std::uint64_t step) {
    return step < 2 ? std::vector<std::uint64_t>{0, 1, 2, 3} : std::vector<std::uint64_t>{0, 2, 3};
  });
  EXPECT_NEAR(ends[0]->first_element, expected, 1e-12);
  EXPECT_EQ(ends[0]->iterations, kIterations);
}

/// One timeout until the others find it silent, and one until they know that it will not answer; then the sum begins
/// anew.
TEST(ElasticAllreduce, LosesTwoTimeouts) {
  const double ideal = undisturbed_time("ring");
  const double of_a_step = ideal / kIterations;
  const auto ends = ElasticRun{.crashes = {{1, 2 * of_a_step + kStepTime / 2}}}();
  EXPECT_NEAR(ends[0]->time, ideal + 2 * kTimeout, 0.005);
}

/// It is back when the others have made up their mind.
TEST(ElasticAllreduce, WhoComesBackTakesPartFromThenOn) {
  const double of_a_step = undisturbed_time("ring") / kIterations;
  const auto ends = ElasticRun{.crashes = {{1, of_a_step + kStepTime / 2, 2 * kTimeout + kStepTime + 0.001}}}();
  expect_agreement(ends, 4);
  // The others have made update 1, and perhaps 2, without it.
  const auto with_absence = [](std::uint64_t from, std::uint64_t to) {
    return by_hand([=](std::uint64_t step) {
      return step >= from && step < to ? std::vector<std::uint64_t>{0, 2, 3} : std::vector<std::uint64_t>{0, 1, 2, 3};
    });
  };
  const double x = ends[0]->first_element;
  EXPECT_TRUE(std::abs(x - with_absence(1, 2)) < 1e-12 || std::abs(x - with_absence(1, 3)) < 1e-12);
  EXPECT_GT(std::abs(x - with_absence(0, 0)), 1e-9);
}

TEST(ElasticAllreduce, OneIsEnough) {
  const double of_a_step = undisturbed_time("ring") / kIterations;
  const auto ends = ElasticRun{.crashes = {{0, of_a_step / 2}, {1, 1.5 * of_a_step + 0.01}, {3, 0.4}}}();
  expect_agreement(ends, 1);
  EXPECT_TRUE(ends[2]);
}

/// Of parameters nothing is left: the run begins anew.
TEST(ElasticAllreduce, BeginsAnewWhenAllHave) {
  const double of_a_step = undisturbed_time("ring") / kIterations;
  std::vector<Crash> all;
  for (int rank = 0; rank < 4; ++rank) {
    all.push_back({rank, 2.5 * of_a_step, 0.05});
  }
  const auto ends = ElasticRun{.crashes = all}();
  expect_agreement(ends, 4);
  EXPECT_NEAR(ends[0]->first_element, by_hand([](std::uint64_t) {
                return std::vector<std::uint64_t>{0, 1, 2, 3};
              }),
              1e-12);
}

TEST(ElasticAllreduce, TwoAtOnceAndOneWhileTheOthersAgree) {
  const double of_a_step = undisturbed_time("ring") / kIterations;
  for (double later = 0; later < 3 * kTimeout; later += 0.013) {
    SCOPED_TRACE(later);
    ElasticRun run{.workers = 5, .crashes = {{1, of_a_step / 2}, {2, of_a_step / 2}, {0, of_a_step / 2 + later}}};
    const auto ends = run();
    expect_agreement(ends, 2);
    ASSERT_FALSE(HasFailure());
  }
}

TEST(ElasticAllreduce, AgreesAtScheduleFidelity) {
  const double time = undisturbed_time("ring");
  for (double at = 0.001; at < time; at += 0.011) {
    SCOPED_TRACE(at);
    expect_agreement(ElasticRun{.crashes = {{1, at, 0.05}}, .fidelity = "schedule"}(), 3);
    ASSERT_FALSE(HasFailure());
  }
}

TEST(ElasticAllreduce, IsTheSameEveryTime) {
  const ElasticRun run{.crashes = {{1, 0.03, 0.05}, {2, 0.07}}};
  const auto once = run();
  const auto again = run();
  ASSERT_TRUE(once[0] && again[0]);
  EXPECT_EQ(once[0]->digest, again[0]->digest);
  EXPECT_EQ(once[0]->time, again[0]->time);
}

}  // namespace
}  // namespace descent
