// The sum of a vector over all ranks: the ring's schedule over the seam on MPI.
#include "algorithms/collectives/executor.hpp"
#include "tests/bench/allreduce_cases.hpp"
#include "tests/bench/line_on_ranks.hpp"

namespace descent {
namespace {

void ring(benchmark::State& state, Communicator& communicator) {
  const CollectiveChoice choice = choose_collective("ring");
  Collective collective(choice, communicator, Group::first(communicator.size()), sizeof(float), 0);
  const Snapshot mine = Buffer::zeros(Precision::single_precision, bench::elements_of(state)).freeze();
  bench::repeat(state, [&] { benchmark::DoNotOptimize(collective.allreduce(mine)); });
}

}  // namespace
}  // namespace descent

int main(int argc, char** argv) {
  return descent::bench::run_line_on_ranks(argc, argv, [](descent::Communicator& communicator) {
    const auto run = [&communicator](benchmark::State& state) { descent::ring(state, communicator); };
    descent::bench::add_allreduce_cases("ring", run);
  });
}
