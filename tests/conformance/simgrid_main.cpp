#include "tests/conformance/collectives.hpp"
#include "tests/conformance/conformance.hpp"
#include "tests/support/simulation.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <stdexcept>

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
    for (const test::CountingObserver& observer : cluster.observers) {
      const double accounted = std::accumulate(std::begin(observer.seconds), std::end(observer.seconds), 0.0);
      if (std::abs(accounted - time) > 1e-9 * time) {
        throw std::runtime_error(fmt::format("{} s accounted of {} s", accounted, time));
      }
    }
    fmt::print("passed on {} ranks in {:.3f} simulated s\n", ranks, time);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
