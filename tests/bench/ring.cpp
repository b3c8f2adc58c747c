// A ring allreduce of 1 GiB whose ranks begin at different times, over the seam: message by message, and as a schedule.
#include "algorithms/collectives/executor.hpp"
#include "tests/bench/memory.hpp"
#include "tests/bench/ring_case.hpp"
#include "tests/support/simulation.hpp"

#include <benchmark/benchmark.h>

namespace descent {
namespace {

void ring(benchmark::State& state, const NetworkSettings& network, int calls, double most) {
  const int ranks = static_cast<int>(state.range(0));
  test::ClusterRun cluster(ranks, 1, "1GBps", "50us", 2, network);
  // A vector of one element a rank: what travels is what the case says, and adding takes no time to speak of.
  const Snapshot mine = Snapshot::placeholder(Precision::single_precision, static_cast<std::size_t>(ranks));
  const CollectiveChoice choice = choose_collective("ring");
  double end = 0;
  for (auto _ : state) {
    end = cluster([&](Communicator& communicator) {
      Collective collective(choice, communicator, Group::first(ranks), bench::kRingBytes / ranks, 0);
      for (int call = 0; call < calls; ++call) {
        communicator.compute({bench::jitter(communicator.random(Purpose::test, call), most), std::nullopt}, {});
        benchmark::DoNotOptimize(collective.allreduce(mine));
      }
    });
  }
  state.SetItemsProcessed(state.iterations() * calls * ranks * 2 * (ranks - 1));
  state.counters["simulated_s"] = end;
  bench::count_memory(state);
}

void message(benchmark::State& state, double most) {
  ring(state, test::neutral_network(), 1, most);
}

/// Ten in a row: what is prepared once counts as little as in a run.
void schedule(benchmark::State& state) {
  ring(state, test::neutral_schedules(), 10, bench::kJitterFlops);
}

/// The floor: nothing but the recurrence of one ring, as one would write it down.
void recurrence(benchmark::State& state) {
  const auto ranks = static_cast<std::size_t>(state.range(0));
  std::vector<double> t(ranks);
  std::vector<double> f(ranks);
  const double cost = 1e-4 + bench::kRingBytes / static_cast<double>(ranks) / 1e9;
  for (auto _ : state) {
    for (std::size_t i = 0; i < ranks; ++i) {
      t[i] = bench::jitter({1, Purpose::test, i, 0}) / 1e9;
    }
    for (std::size_t round = 0; round < 2 * (ranks - 1); ++round) {
      for (std::size_t i = 0; i < ranks; ++i) {
        f[i] = std::max(t[i], t[i + 1 == ranks ? 0 : i + 1]) + cost;
      }
      for (std::size_t i = 0; i < ranks; ++i) {
        t[i] = std::max(f[i], f[i == 0 ? ranks - 1 : i - 1]);
      }
    }
    benchmark::DoNotOptimize(t.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(ranks * 2 * (ranks - 1)));
}

[[maybe_unused]] const bool registered = bench::ring_cases(message);
BENCHMARK(schedule)
    ->ArgName("ranks")
    ->Arg(64)
    ->Arg(1024)
    ->Arg(4096)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(recurrence)->ArgName("ranks")->Arg(1024)->Arg(4096)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace descent
