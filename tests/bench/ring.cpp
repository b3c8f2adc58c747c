// A ring allreduce of 1 GiB, message by message, whose ranks begin at different times: over the seam.
#include "algorithms/collectives/executor.hpp"
#include "tests/support/simulation.hpp"

#include <benchmark/benchmark.h>

namespace descent {
namespace {

constexpr double kBytes = 1 << 30;
/// Ranks begin within so many flops, that is seconds times 1 Gflop/s.
constexpr double kJitterFlops = 1e8;

void message(benchmark::State& state) {
  const int ranks = static_cast<int>(state.range(0));
  test::ClusterRun cluster(ranks);
  // One element a chunk: what is measured is the messages.
  const Snapshot mine = Buffer::zeros(Precision::single_precision, static_cast<std::size_t>(ranks)).freeze();
  double end = 0;
  for (auto _ : state) {
    end = cluster([&](Communicator& communicator) {
      auto random = communicator.random(Purpose::test, 0);
      communicator.compute({kJitterFlops * random() / 4294967296.0, std::nullopt}, [] {});
      Collective collective(find_collective("ring"), communicator, ranks, kBytes / ranks, 0);
      benchmark::DoNotOptimize(collective.allreduce(mine));
    });
  }
  state.SetItemsProcessed(state.iterations() * 2 * ranks * (ranks - 1));
  state.counters["simulated_s"] = end;
}

BENCHMARK(message)
    ->ArgName("ranks")
    ->Arg(64)
    ->Arg(256)
    ->Arg(1024)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(message)->Name("smoke")->Arg(4)->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace descent
