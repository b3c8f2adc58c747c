#pragma once

#include <benchmark/benchmark.h>

#include <vector>

namespace descent::bench {

// Short stretches, of which the fastest counts: a wait of one rank is one of all, so that a stretch during which
// nothing else ran on the machine is rare when it is long.
inline constexpr int kSteps = 50;
inline constexpr int kRepetitions = 20;

/// Runs the benchmarks that the arguments ask for, as every rank of an MPI job must at the same time: rank 0 reports,
/// the others take part silently. Each case states its iterations, so that all ranks do as many.
inline void run_on_ranks(int argc, char** argv, int rank) {
  class Silent final : public benchmark::BenchmarkReporter {
   public:
    bool ReportContext(const Context& /*context*/) override { return true; }
    void ReportRuns(const std::vector<Run>& /*report*/) override {}
  };
  benchmark::Initialize(&argc, argv);
  Silent silent;
  benchmark::RunSpecifiedBenchmarks(rank == 0 ? nullptr : &silent);
}

}  // namespace descent::bench
