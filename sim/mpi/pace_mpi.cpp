#include "sim/mpi/pace.hpp"

#include <sched.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace descent::mpi {
namespace {

/// A wait polls, giving the processor away in between, for as long as answers usually take; then it sleeps, because
/// ranks that share a core with it may have work to do.
constexpr double kPolling = 500e-6;
/// Shared memory moves 4 MiB, the largest part of a message, in much less.
constexpr double kPollingWhileMoving = 20e-3;
constexpr double kShortestSleep = 20e-6;
constexpr double kLongestSleep = 100e-6;

}  // namespace

double Pace::end(double flops, double begin, const Clock& clock) const {
  const double now = clock.now();
  return settings_.paced ? std::max(now, begin + flops / (settings_.speed * settings_.speed_factor)) : now;
}

std::optional<Ended> Rest::operator()(std::span<MPI_Request> /*requests*/, bool moving, double longest) {
  const double now = MPI_Wtime();
  const double waited = now - began_.value_or(now);
  began_ = now - waited;
  const double sleep = std::min(longest, std::clamp(waited / 20, kShortestSleep, kLongestSleep));
  if (waited < (moving ? kPollingWhileMoving : kPolling) || sleep < kShortestSleep) {
    sched_yield();
  } else {
    std::this_thread::sleep_for(std::chrono::duration<double>(sleep));
  }
  return std::nullopt;
}

void end_job(int code) {
  MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

}  // namespace descent::mpi
