#pragma once

#include <benchmark/benchmark.h>
#include <sys/resource.h>

namespace descent::bench {

/// Adds the largest memory that this process has had, in MB.
inline void count_memory(benchmark::State& state) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["memory_MB"] = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

}  // namespace descent::bench
