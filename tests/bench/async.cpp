// Many workers and one parameter server, asynchronous, timing only: over the seam, at both fidelities.
#include "algorithms/optimizers/optimizers.hpp"
#include "algorithms/optimizers/schedules.hpp"
#include "algorithms/strategies/parameter_server.hpp"
#include "algorithms/strategies/problem_factory.hpp"
#include "tests/bench/async_case.hpp"
#include "tests/bench/memory.hpp"
#include "tests/support/simulation.hpp"

#include <benchmark/benchmark.h>

#include <map>
#include <utility>
#include <vector>

namespace descent {
namespace {

Training training_of(std::uint64_t updates) {
  const auto settings = [](std::map<std::string, std::string> values) { return Settings(std::move(values)); };
  ProblemParts parts;
  parts.model = "quadratic";
  parts.model_settings = settings({{"dimension", "1000"}, {"condition", "10"}, {"spectrum", "linear"}, {"noise", "0"}});
  Training training;
  training.problem = make_problem(parts);
  training.optimizer = make_optimizer("sgd", settings({{"learning-rate", "0.1"}, {"weight-decay", "0"}}));
  training.schedule = make_schedule("constant", settings({{"warmup", "0"}, {"scale", "none"}}));
  training.learning_rate = 0.1;
  training.batch = 1;
  training.flops_per_sample = bench::kHostSpeed;
  training.math = false;
  training.parameter_bytes = bench::kVectorBytes;
  training.stop.iterations = updates;
  return training;
}

void asynchronous(benchmark::State& state, const NetworkSettings& network) {
  const int workers = static_cast<int>(state.range(0));
  const std::uint64_t updates = bench::kUpdatesPerWorker * static_cast<std::uint64_t>(workers);
  const Training training = training_of(updates);
  const Cast cast{workers, 1};
  const ParameterServer strategy(cast, Consistency{});
  const test::TemporaryFile platform("async.xml", test::cluster_xml(workers + 1, "1.25GBps", "12.5us", "1Gf"));
  KernelPool pool(1);
  SimGridWorld world(platform.path(), network, 1, pool);
  std::vector<test::CountingObserver> observers(static_cast<std::size_t>(workers) + 1);
  double end = 0;
  for (auto _ : state) {
    for (int rank = 0; rank <= workers; ++rank) {
      const auto charges = [rank](const Work& work) -> Charge {
        return work.step ? bench::compute_time(rank, *work.step) : charge_at_speed(work);
      };
      const auto program = [&](Communicator& communicator) {
        const bool works = cast.is_worker(communicator.rank());
        Learner learner(training, communicator, works ? static_cast<std::size_t>(communicator.rank()) : 0,
                        works ? static_cast<std::size_t>(workers) : 1);
        strategy.run(communicator, learner);
      };
      world.add({"node-" + std::to_string(rank), charges, program, &observers[static_cast<std::size_t>(rank)]});
    }
    end = world.run();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(updates));
  state.counters["simulated_s"] = end;
  bench::count_memory(state);
}

void message(benchmark::State& state) {
  asynchronous(state, test::neutral_network());
}

void schedule(benchmark::State& state) {
  asynchronous(state, test::neutral_schedules());
}

[[maybe_unused]] const bool registered =
    bench::async_cases("message", message) && bench::async_cases("schedule", schedule);
BENCHMARK(schedule)->Name("smoke")->Arg(4)->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace descent
