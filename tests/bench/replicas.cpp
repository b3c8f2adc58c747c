// Many synchronous replicas of a model of 10 MB in one process: what counts is the memory.
#include "algorithms/strategies/allreduce.hpp"
#include "tests/bench/memory.hpp"
#include "tests/bench/mlp_training.hpp"
#include "tests/support/simulation.hpp"

#include <benchmark/benchmark.h>

namespace descent {
namespace {

void replicas(benchmark::State& state, const std::string& collective) {
  const int workers = static_cast<int>(state.range(0));
  const bench::MlpCase model{.hidden = 3145, .batch = 2};  // 2.5 million parameters in single precision
  const Training training = bench::training_of(workers, 2, model);
  const Cast cast{workers, 0};
  const Allreduce strategy(cast, choose_collective(collective));
  test::ClusterRun cluster(workers, 1, "1.25GBps", "12.5us", 2, test::neutral_schedules());
  for (auto _ : state) {
    cluster([&](Communicator& communicator) {
      Learner learner(training, communicator, static_cast<std::size_t>(communicator.rank()),
                      static_cast<std::size_t>(workers));
      strategy.run(communicator, learner);
    });
  }
  state.SetItemsProcessed(state.iterations() * 2);
  state.counters["model_MB"] = 4e-6 * static_cast<double>(training.problem->parameters());
  bench::count_memory(state);
}

BENCHMARK_CAPTURE(replicas, ring, "ring")
    ->ArgName("workers")
    ->Arg(1024)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(replicas, tree, "tree")
    ->ArgName("workers")
    ->Arg(1024)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(replicas, smoke, "ring")->Name("smoke")->Arg(2)->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace descent
