#pragma once

#include "algorithms/models/models.hpp"
#include "algorithms/optimizers/optimizers.hpp"
#include "algorithms/optimizers/schedules.hpp"
#include "algorithms/strategies/problem_factory.hpp"
#include "algorithms/strategies/strategy.hpp"
#include "tests/support/data.hpp"
#include "tests/support/simulation.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace descent::test {

/// Training a noiseless quadratic of `dimension` parameters in double precision; a gradient takes 10 flop for each.
inline Training quadratic_training(std::size_t dimension, std::uint64_t iterations) {
  ProblemParts parts;
  parts.precision = Precision::double_precision;
  parts.model = "quadratic";
  parts.model_settings = settings_of(model_rows(), "quadratic", {{"dimension", std::to_string(dimension)}});
  Training training;
  training.problem = make_problem(parts);
  training.optimizer = make_optimizer("sgd", settings_of(optimizer_rows(), "sgd", {{"learning-rate", "0.01"}}));
  training.schedule = make_schedule("constant", settings_of(schedule_rows(), "constant", {}));
  training.learning_rate = 0.01;
  training.batch = 1;
  training.parameter_bytes = 8.0 * static_cast<double>(dimension);
  training.stop.iterations = iterations;
  return training;
}

/// A strategy of the catalogue on the hosts of `cluster_xml`, each rank with an observer of the test's own.
struct StrategyRun {
  std::string strategy;
  Values settings;
  Cast cast;
  Training training;
  /// What a worker's training steps are multiplied by.
  std::function<double(int worker)> slowdown = [](int) { return 1.0; };
  std::string bandwidth = "1GBps";
  std::string latency = "50us";
  std::optional<CollectiveChoice> collective = {};
  Composite composite = {};
  Recovery recovery = {};
  /// Before which steps of its first life a rank's host goes off.
  std::function<std::vector<CrashAtStep>(int rank)> crashes = [](int) { return std::vector<CrashAtStep>(); };

  /// The simulated time at the end, in seconds.
  double operator()(const std::vector<Observer*>& observers) const {
    const TemporaryFile platform("strategy.xml", cluster_xml(static_cast<int>(observers.size()), bandwidth, latency));
    KernelPool pool(2);
    SimGridWorld world(platform.path(), neutral_network(), 1, pool);
    const std::unique_ptr<Strategy> made =
        find_strategy(strategy).make({.settings = settings_of(strategy_rows(), strategy, settings),
                                      .cast = cast,
                                      .collective = collective,
                                      .composite = composite,
                                      .recovery = recovery});
    if (recovery.tolerates_losses()) {
      world.recover({});
    }
    for (std::size_t rank = 0; rank < observers.size(); ++rank) {
      const int number = static_cast<int>(rank);
      const bool works = cast.is_worker(number);
      const double factor = works ? slowdown(number) : 1;
      world.add({"node-" + std::to_string(rank),
                 [factor](const Work& work) -> Charge { return work.step ? factor : charge_at_speed(work); },
                 [&](Communicator& communicator) {
                   const bool worker = cast.is_worker(communicator.rank());
                   Learner learner(training, communicator, worker ? static_cast<std::size_t>(communicator.rank()) : 0,
                                   worker ? static_cast<std::size_t>(cast.workers) : 1);
                   made->run(communicator, learner);
                 },
                 observers[rank], crashes(number)});
    }
    return world.run();
  }
};

}  // namespace descent::test
