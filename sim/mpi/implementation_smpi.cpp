#include "sim/mpi/implementation.hpp"

#include "sim/mpi/mpi_world.hpp"

#include <smpi/smpi.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace descent::mpi {
namespace {

/// With a deadline SMPI has no call to block in. Polls are this far apart in simulated time, growing with the wait,
/// so that what a wait is too long stays below 5 % of it.
constexpr double kShortestSleep = 1e-6;
constexpr double kGrowth = 0.05;
/// What smpi_usleep can take.
constexpr double kLongestSleep = 1000;

constexpr std::align_val_t kAlignment{64};

}  // namespace

double seconds() {
  return MPI_Wtime();
}

double Pace::end(double flops, double /*begin*/, const Clock& clock) const {
  const double nominal = flops / settings_.speed_factor;
  if (flops > 0 && settings_.course.steps().empty()) {
    smpi_execute_flops(nominal);
  } else if (flops > 0) {
    const double now = clock.now();
    smpi_execute_flops((settings_.course.end(now, nominal / settings_.speed) - now) * settings_.speed);
  }
  return clock.now();
}

double Pace::end_after(double seconds, double /*begin*/, const Clock& clock) const {
  if (seconds > 0) {
    smpi_execute_flops(seconds * settings_.speed);
  }
  return clock.now();
}

std::optional<Ended> Rest::operator()(std::span<MPI_Request> requests, bool /*moving*/, double longest) {
  if (std::isinf(longest) && !requests.empty()) {
    Ended ended;
    int index = 0;
    MPI_Waitany(static_cast<int>(requests.size()), requests.data(), &index, &ended.status);
    ended.index = static_cast<std::size_t>(index);
    return ended;
  }
  const double now = seconds();
  const double waited = now - began_.value_or(now);
  began_ = now - waited;
  const double sleep = std::min(longest, std::clamp(kGrowth * waited, kShortestSleep, kLongestSleep));
  smpi_usleep(static_cast<useconds_t>(std::ceil(std::max(sleep, kShortestSleep) * 1e6)));
  return std::nullopt;
}

MPI_Comm ranks_of_machine(MPI_Comm world) {
  // All ranks are this process, whatever hosts they are on.
  MPI_Comm ranks = MPI_COMM_NULL;
  MPI_Comm_dup(world, &ranks);
  return ranks;
}

std::shared_ptr<std::byte> memory_of_machine(MPI_Comm ranks, std::size_t bytes) {
  int rank = 0;
  MPI_Comm_rank(ranks, &rank);
  std::shared_ptr<std::byte> memory;
  if (rank == 0) {
    memory = {static_cast<std::byte*>(::operator new(bytes, kAlignment)),
              [](std::byte* begin) { ::operator delete(begin, kAlignment); }};
  }
  // The others copy the first rank's pointer while that waits.
  const void* place = &memory;
  MPI_Bcast(&place, sizeof(place), MPI_BYTE, 0, ranks);
  if (rank != 0) {
    memory = *static_cast<const std::shared_ptr<std::byte>*>(place);
  }
  MPI_Barrier(ranks);
  return memory;
}

/// What SimGrid shall do stands in the platform and on its command line.
void prefer_settings() {}

void end_job(int code) {
  // All ranks are this process; SMPI's MPI_Abort would end them with success.
  std::fflush(nullptr);
  std::_Exit(code);
}

}  // namespace descent::mpi

namespace descent {

const char* mpi_backend() {
  return "smpi";
}

}  // namespace descent
