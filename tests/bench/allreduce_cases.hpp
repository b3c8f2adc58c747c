#pragma once

#include "tests/bench/run_on_ranks.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

namespace descent::bench {

/// Elements of the case's vector.
inline std::size_t elements_of(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0)) * 1024 * 1024 / sizeof(float);
}

/// The body of a case: sums over all ranks, as often as it says.
template <class F>
void repeat(benchmark::State& state, F&& allreduce) {
  const std::int64_t times = state.range(1);
  allreduce();
  allreduce();  // now the other ranks have begun, and memory is in place
  for (auto _ : state) {
    for (std::int64_t i = 0; i < times; ++i) {
      allreduce();
    }
  }
  state.SetItemsProcessed(state.iterations() * times);
}

/// `name` for vectors of 1, 16 and 64 MiB, and the smoke case.
template <class F>
void add_allreduce_cases(const char* name, F&& run) {
  const auto add = [&](const char* case_name) {
    return benchmark::RegisterBenchmark(case_name, run)->ArgNames({"MiB", "times"})->Iterations(1)->UseRealTime();
  };
  add(name)->Args({1, 50})->Args({16, 3})->Args({64, 1})->Repetitions(kRepetitions);
  add("smoke")->Args({1, 2});
}

}  // namespace descent::bench
