#include "sim/mpi/implementation.hpp"

#include "sim/mpi/mpi_world.hpp"
#include "sim/mpi/wire.hpp"

#include <malloc.h>
#include <sched.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
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

constexpr std::size_t kAlignment = 64;

constexpr std::size_t kRoomForHeaders = 4096;

}  // namespace

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double Pace::end(double flops, double begin, const Clock& clock) const {
  const double now = clock.now();
  const double nominal = flops / (settings_.speed * settings_.speed_factor);
  return settings_.paced ? std::max(now, settings_.course.end(begin, nominal)) : now;
}

double Pace::end_after(double seconds, double begin, const Clock& clock) const {
  const double now = clock.now();
  return settings_.paced ? std::max(now, begin + seconds) : now;
}

std::optional<Ended> Rest::operator()(std::span<MPI_Request> /*requests*/, bool moving, double longest) {
  const double now = seconds();
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

MPI_Comm ranks_of_machine(MPI_Comm world) {
  MPI_Comm ranks = MPI_COMM_NULL;
  MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &ranks);
  return ranks;
}

std::shared_ptr<std::byte> memory_of_machine(MPI_Comm ranks, std::size_t bytes) {
  int rank = 0;
  MPI_Comm_rank(ranks, &rank);
  void* own = nullptr;
  MPI_Win window = MPI_WIN_NULL;
  const auto size = static_cast<MPI_Aint>(rank == 0 ? bytes + kAlignment : 0);
  MPI_Win_allocate_shared(size, 1, MPI_INFO_NULL, ranks, &own, &window);
  MPI_Aint available = 0;
  int unit = 0;
  void* begin = nullptr;
  MPI_Win_shared_query(window, 0, &available, &unit, &begin);
  auto room = static_cast<std::size_t>(available);
  auto* memory = static_cast<std::byte*>(std::align(kAlignment, bytes, begin, room));
  return {memory, [window](std::byte*) mutable { MPI_Win_free(&window); }};
}

/// OpenMPI sends what is larger than its eager limit in one piece, once the receiver has agreed. Over TCP that
/// agreement waits, on the same connection, behind whatever its sender is sending itself: two ranks that exchange large
/// messages send one after the other, and a ring takes up to a third longer. Our receivers are ready before a large
/// message comes, so every part of one may go at once. Over shared memory there is no such queue.
///
/// Connections are made before the run, which else would pay for them in its first iteration: between many ranks only
/// where they talk.
///
/// Vectors come and go with each step, and the C library would map their memory anew or give it back each time, by what
/// happened before: steps then take up to three times as long in one rank or run, and not in the next.
void prefer_settings() {
  constexpr int kLargestOfHeap = 32 << 20;  // the C library's most
  constexpr int kKept = 512 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargestOfHeap);
  mallopt(M_TRIM_THRESHOLD, kKept);
  constexpr int kOnlyIfUnset = 0;
  constexpr int kMostConnected = 128;
  const char* size = std::getenv("OMPI_COMM_WORLD_SIZE");
  if (size != nullptr && std::atoi(size) <= kMostConnected) {
    setenv("OMPI_MCA_mpi_preconnect_mpi", "1", kOnlyIfUnset);
  }
  const std::string limit = std::to_string(kLargestPart + kRoomForHeaders);
  for (const char* name : {"btl_tcp_eager_limit", "btl_tcp_rndv_eager_limit", "btl_tcp_max_send_size"}) {
    setenv((std::string("OMPI_MCA_") + name).c_str(), limit.c_str(), kOnlyIfUnset);
  }
}

void end_job(int code) {
  MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

}  // namespace descent::mpi

namespace descent {

const char* mpi_backend() {
  return "mpi";
}

}  // namespace descent
