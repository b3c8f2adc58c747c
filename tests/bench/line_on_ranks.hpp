#pragma once

#include "sim/mpi/mpi_world.hpp"
#include "tests/bench/run_on_ranks.hpp"
#include "tests/support/counting_observer.hpp"

namespace descent::bench {

/// The main of a benchmark over the seam on MPI: `add_cases` registers cases that use this rank's line.
template <class AddCases>
int run_line_on_ranks(int argc, char** argv, AddCases add_cases) {
  return run_over_mpi(argc, argv, [&](MpiWorld& world) {
    test::CountingObserver observer;
    MpiRank self;
    self.seed = 1;
    self.observer = &observer;
    add_cases(world.line(self));
    run_on_ranks(argc, argv, world.rank());
    world.end_line();
  });
}

}  // namespace descent::bench
