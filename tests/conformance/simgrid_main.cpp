#include "tests/conformance/collectives.hpp"
#include "tests/conformance/conformance.hpp"
#include "tests/support/simulation.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

/// Usage: conformance-simgrid RANKS
int main(int argc, char** argv) {
  using namespace descent;
  const int ranks = argc > 1 ? std::atoi(argv[1]) : 1;
  try {
    test::ClusterRun cluster(ranks, conformance::kSeed);
    const double time = cluster([](Communicator& communicator) {
      conformance::run_all(communicator);
      conformance::check_collectives(communicator);
    });
    fmt::print("passed on {} ranks in {:.3f} simulated s\n", ranks, time);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
