#include "sim/mpi/mpi_world.hpp"
#include "tests/conformance/collectives.hpp"
#include "tests/conformance/conformance.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/// Forgets what it is told, but for the time that ranks account for.
struct TimeObserver final : descent::Observer {
  double accounted = 0;

  void initial(const descent::Share&, const descent::Snapshot&, double) override {}
  void updated(const descent::Update&, double) override {}
  void wasted(double) override {}
  void finished(const descent::Share&, const descent::Snapshot&, double) override {}
  bool target_met() override { return false; }
  void sent(int, std::uint64_t, double) override {}
  void sent_together(std::uint64_t, std::uint64_t, double) override {}
  void received(int, std::uint64_t, double, double) override {}
  void spent(descent::Activity, double begin, double end) override { accounted += end - begin; }
};

void check_collectives(descent::MpiWorld& world) {
  const std::string mine(static_cast<std::size_t>(100000 * world.rank()), static_cast<char>('a' + world.rank()));
  const std::vector<std::string> all = world.gather(mine);
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    if (all[rank] != std::string(100000 * rank, static_cast<char>('a' + rank))) {
      throw std::runtime_error("gather");
    }
  }
  if (world.broadcast(world.rank() == 0 ? "all" : "mine") != "all") {
    throw std::runtime_error("broadcast");
  }
}

}  // namespace

/// Usage: mpirun|smpirun … conformance-mpi|conformance-smpi RANKS [fail]
int main(int argc, char** argv) {
  TimeObserver observer;
  return descent::run_over_mpi(argc, argv, [&](descent::MpiWorld& world) {
    if (argc < 2 || world.size() != std::atoi(argv[1])) {
      throw std::runtime_error(fmt::format("{} ranks; the argument must say so", world.size()));
    }
    check_collectives(world);
    descent::MpiRank rank;
    rank.seed = descent::conformance::kSeed;
    rank.observer = &observer;
    rank.pace.paced = true;
    rank.pace.speed = descent::conformance::kSpeed;
    descent::Communicator& line = world.line(rank);
    if (argc > 2) {
      if (world.rank() == 1) {
        throw std::runtime_error("asked to fail");
      }
      line.receive(1, 0);
    }
    descent::conformance::run_all(line);
    descent::conformance::check_collectives(line, descent::conformance::Delivery::messages);
    const double end = world.end_line();
    if (std::abs(observer.accounted - end) > 1e-9 * end) {
      throw std::runtime_error(fmt::format("{} s accounted of {} s", observer.accounted, end));
    }
    check_collectives(world);
    if (world.rank() == 0) {
      fmt::print("{} cases passed on {} ranks in {:.3f} s\n", descent::conformance::cases().size(), world.size(), end);
    }
  });
}
