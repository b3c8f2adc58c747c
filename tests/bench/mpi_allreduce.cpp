// The sum of a vector over all ranks: MPI's own.
#include "tests/bench/allreduce_cases.hpp"
#include "tests/bench/run_on_ranks.hpp"

#include <mpi.h>

#include <vector>

namespace descent::bench {
namespace {

void allreduce(benchmark::State& state) {
  const std::vector<float> mine(elements_of(state));
  std::vector<float> sum(mine.size());
  repeat(state, [&] {
    MPI_Allreduce(mine.data(), sum.data(), static_cast<int>(mine.size()), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
  });
}

}  // namespace
}  // namespace descent::bench

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  descent::bench::add_allreduce_cases("allreduce", descent::bench::allreduce);
  descent::bench::run_on_ranks(argc, argv, rank);
  MPI_Finalize();
}
