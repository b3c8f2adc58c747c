#pragma once

#include "algorithms/core/random.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>

namespace descent::bench {

/// What both sides of the asynchronous benchmark do: workers compute for about a second, push 4 kB to the one server,
/// which computes for 2 microseconds and sends 4 kB back; so many updates in all. The server is busy a third of the
/// time: which of several waiting messages comes first, in which the sides differ, matters little.
inline constexpr std::uint64_t kVectorBytes = 4000;
inline constexpr std::uint64_t kUpdatesPerWorker = 10;
inline constexpr double kHostSpeed = 1e9;
inline constexpr double kUpdateFlops = 2e3;

/// Of a worker's step, as a multiple of a second.
inline double compute_time(int worker, std::uint64_t step) {
  RandomStream random(1, Purpose::test, static_cast<std::uint64_t>(worker), step);
  return 0.5 + random() / 4294967296.0;
}

/// Registers one side's cases: the same on both. Once per process, because SimGrid's engine is.
inline bool async_cases(const char* name, void (*side)(benchmark::State&)) {
  auto* cases = benchmark::RegisterBenchmark(name, side);
  cases->ArgName("workers")->Arg(100)->Arg(10000)->Arg(100000);
  cases->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();
  return true;
}

}  // namespace descent::bench
