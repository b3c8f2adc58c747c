// A ring allreduce of 1 GiB, message by message, whose ranks begin at different times: over the seam.
#include "algorithms/collectives/executor.hpp"
#include "tests/bench/ring_case.hpp"
#include "tests/support/simulation.hpp"

#include <benchmark/benchmark.h>

namespace descent {
namespace {

void message(benchmark::State& state) {
  const int ranks = static_cast<int>(state.range(0));
  test::ClusterRun cluster(ranks);
  // One element a chunk: what is measured is the messages.
  const Snapshot mine = Buffer::zeros(Precision::single_precision, static_cast<std::size_t>(ranks)).freeze();
  double end = 0;
  for (auto _ : state) {
    end = cluster([&](Communicator& communicator) {
      communicator.compute({bench::jitter(communicator.random(Purpose::test, 0)), std::nullopt}, [] {});
      Collective collective(find_collective("ring"), communicator, ranks, bench::kRingBytes / ranks, 0);
      benchmark::DoNotOptimize(collective.allreduce(mine));
    });
  }
  state.SetItemsProcessed(state.iterations() * 2 * ranks * (ranks - 1));
  state.counters["simulated_s"] = end;
}

[[maybe_unused]] const bool registered = bench::ring_cases(message);

}  // namespace
}  // namespace descent
