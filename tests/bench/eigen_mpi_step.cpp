// Steps of synchronous SGD on every rank, MLP 784-256-10, batch 32 each: what a researcher would write by hand with
// Eigen and MPI. Its batch is always the same; the other side draws one at each step.
#include "tests/bench/plain_mlp.hpp"
#include "tests/bench/run_on_ranks.hpp"

#include <benchmark/benchmark.h>
#include <mpi.h>

#include <chrono>

namespace descent::bench {
namespace {

void train(benchmark::State& state, int steps) {
  int ranks = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  PlainMlp model;
  const Eigen::MatrixXf inputs = Eigen::MatrixXf::Random(kFeatures, kBatch);
  const Eigen::VectorXi labels = Eigen::VectorXi::Zero(kBatch);
  Eigen::VectorXf gradient(PlainMlp::parameters);
  const auto run = [&](int count) {
    const auto begin = std::chrono::steady_clock::now();
    for (int step = 0; step < count; ++step) {
      model.gradient(inputs, labels, gradient);
      MPI_Allreduce(MPI_IN_PLACE, gradient.data(), static_cast<int>(gradient.size()), MPI_FLOAT, MPI_SUM,
                    MPI_COMM_WORLD);
      model.update(gradient, static_cast<float>(kLearningRate / ranks));
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  run(3);
  for (auto _ : state) {
    state.SetIterationTime(run(steps));
  }
  state.SetItemsProcessed(state.iterations() * steps);
}

BENCHMARK_CAPTURE(train, step, kSteps)->Name("step")->Iterations(1)->Repetitions(kRepetitions)->UseManualTime();
BENCHMARK_CAPTURE(train, smoke, 3)->Name("smoke")->Iterations(1)->UseManualTime();

}  // namespace
}  // namespace descent::bench

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  descent::bench::run_on_ranks(argc, argv, rank);
  MPI_Finalize();
}
