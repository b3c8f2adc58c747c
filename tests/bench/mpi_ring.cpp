// The sum of a vector over all ranks: the ring's schedule over the seam on MPI.
#include "algorithms/collectives/executor.hpp"
#include "sim/mpi/mpi_world.hpp"
#include "tests/bench/allreduce_cases.hpp"
#include "tests/bench/run_on_ranks.hpp"
#include "tests/support/counting_observer.hpp"

namespace descent {
namespace {

void ring(benchmark::State& state, Communicator& communicator) {
  Collective collective(find_collective("ring"), communicator, communicator.size(), sizeof(float), 0);
  const Snapshot mine = Buffer::zeros(Precision::single_precision, bench::elements_of(state)).freeze();
  bench::repeat(state, [&] { benchmark::DoNotOptimize(collective.allreduce(mine)); });
}

}  // namespace
}  // namespace descent

int main(int argc, char** argv) {
  return descent::run_over_mpi(argc, argv, [&](descent::MpiWorld& world) {
    descent::test::CountingObserver observer;
    descent::MpiRank self;
    self.observer = &observer;
    descent::Communicator& communicator = world.line(self);
    const auto run = [&](benchmark::State& state) { descent::ring(state, communicator); };
    descent::bench::add_allreduce_cases("ring", run);
    descent::bench::run_on_ranks(argc, argv, world.rank());
    world.end_line();
  });
}
