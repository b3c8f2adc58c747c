#pragma once

#include "algorithms/core/random.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <utility>

namespace descent::bench {

/// What both sides of the ring benchmark do: an allreduce of so many bytes, by ranks that begin within so many flops,
/// that is seconds times 1 Gflop/s, of each other.
inline constexpr double kRingBytes = 1 << 30;
inline constexpr double kJitterFlops = 1e8;

inline double jitter(RandomStream random, double most = kJitterFlops) {
  return most * random() / 4294967296.0;
}

/// Registers one side's cases: the same on both. Once per process, because SimGrid's engine is. A side gets the most
/// flops by which a rank's begin differs from another's: none where they go in lockstep.
template <class Side>
bool ring_cases(Side side) {
  for (const auto& [name, flops] : {std::pair("message", kJitterFlops), std::pair("lockstep", 0.0)}) {
    auto* cases = benchmark::RegisterBenchmark(name, side, flops);
    cases->ArgName("ranks")->Arg(64)->Arg(256)->Arg(1024)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();
  }
  benchmark::RegisterBenchmark("smoke", side, kJitterFlops)->Arg(4)->Iterations(1)->UseRealTime();
  return true;
}

}  // namespace descent::bench
