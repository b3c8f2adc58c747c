// Steps of synchronous SGD on every rank, MLP 784-256-10, batch 32 each: the strategy over the seam on MPI.
#include "algorithms/strategies/allreduce.hpp"
#include "tests/bench/line_on_ranks.hpp"
#include "tests/bench/mlp_training.hpp"

#include <benchmark/benchmark.h>

#include <optional>
#include <string>

namespace descent {
namespace {

void train(benchmark::State& state, Communicator& communicator, Training training, const std::string& collective,
           int steps) {
  const int workers = communicator.size();
  const Allreduce strategy({workers, 0}, choose_collective(collective));
  const auto run = [&](int count) {
    training.stop.iterations = static_cast<std::uint64_t>(count);
    Learner learner(training, communicator, static_cast<std::size_t>(communicator.rank()),
                    static_cast<std::size_t>(workers));
    const double begin = communicator.now();
    strategy.run(communicator, learner);
    return communicator.now() - begin;
  };
  run(3);  // now the other ranks have begun, and memory is in place
  for (auto _ : state) {
    state.SetIterationTime(run(steps));
  }
  state.SetItemsProcessed(state.iterations() * steps);
}

}  // namespace
}  // namespace descent

int main(int argc, char** argv) {
  using descent::bench::kRepetitions;
  using descent::bench::kSteps;
  std::optional<descent::Training> training;
  return descent::bench::run_line_on_ranks(argc, argv, [&](descent::Communicator& communicator) {
    training = descent::bench::training_of(communicator.size(), 0);
    const auto add = [&](const char* name, const std::string& collective, int steps) {
      const auto train = [&communicator, &training, collective, steps](benchmark::State& state) {
        descent::train(state, communicator, *training, collective, steps);
      };
      return benchmark::RegisterBenchmark(name, train)->Iterations(1)->UseManualTime();
    };
    add("ring", "ring", kSteps)->Repetitions(kRepetitions);
    add("native", "native", kSteps)->Repetitions(kRepetitions);
    add("smoke", "ring", 3);
  });
}
