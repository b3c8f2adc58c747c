#include "tests/conformance/collectives.hpp"
#include "tests/conformance/conformance.hpp"
#include "tests/support/simulation.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <string>

/// Usage: conformance-simgrid RANKS [schedule]
int main(int argc, char** argv) {
  using namespace descent;
  const int ranks = argc > 1 ? std::atoi(argv[1]) : 1;
  try {
    const bool as_schedules = argc > 2 && std::string(argv[2]) == "schedule";
    test::ClusterRun cluster(ranks, conformance::kSeed, "1GBps", "50us", 2,
                             as_schedules ? test::neutral_schedules() : test::neutral_network());
    const double time = cluster([&](Communicator& communicator) {
      if (!as_schedules) {
        conformance::run_all(communicator);
        conformance::check_collectives(communicator, conformance::Delivery::messages);
      }
      conformance::check_collectives(communicator, conformance::Delivery::meetings);
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
