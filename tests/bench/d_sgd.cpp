// One global step of D-SGD with 64 workers, MLP 784-256-10, batch 32 each: simulated, and the bare mathematics of the
// 64 gradients in plain Eigen on one thread.
#include "algorithms/strategies/d_sgd.hpp"
#include "tests/bench/mlp_training.hpp"
#include "tests/bench/plain_mlp.hpp"
#include "tests/support/simulation.hpp"

#include <benchmark/benchmark.h>

namespace descent {
namespace {

using bench::kBatch;
using bench::kClasses;
using bench::kFeatures;

constexpr int kSteps = 30;

void mathematics(benchmark::State& state) {
  const auto workers = state.range(0);
  bench::PlainMlp model;
  const Eigen::MatrixXf inputs = Eigen::MatrixXf::Random(kFeatures, kBatch);
  const Eigen::VectorXi labels = Eigen::VectorXi::Zero(kBatch);
  Eigen::VectorXf gradient(bench::PlainMlp::parameters);
  for (auto _ : state) {
    for (int step = 0; step < kSteps; ++step) {
      for (int worker = 0; worker < workers; ++worker) {
        model.gradient(inputs, labels, gradient);
        benchmark::DoNotOptimize(gradient.data());
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * kSteps);
}

/// The same with what any program has to do besides: each worker's samples lie anywhere in the data, and the gradients
/// are summed. What is left of the difference to `simulated` is simulation.
void gathered_and_summed(benchmark::State& state) {
  const auto workers = state.range(0);
  bench::PlainMlp model;
  const Eigen::MatrixXf data = Eigen::MatrixXf::Random(kFeatures, 2 * kBatch * workers);
  Eigen::MatrixXf inputs(kFeatures, kBatch);
  const Eigen::VectorXi labels = Eigen::VectorXi::Zero(kBatch);
  Eigen::VectorXf gradient(bench::PlainMlp::parameters);
  Eigen::VectorXf sum = Eigen::VectorXf::Zero(bench::PlainMlp::parameters);
  RandomStream random(1, Purpose::test, 0, 0);
  for (auto _ : state) {
    for (int step = 0; step < kSteps; ++step) {
      for (int worker = 0; worker < workers; ++worker) {
        for (Eigen::Index i = 0; i < kBatch; ++i) {
          inputs.col(i) = data.col(random() % data.cols());
        }
        model.gradient(inputs, labels, gradient);
        sum += gradient;
        benchmark::DoNotOptimize(sum.data());
      }
      model.update(sum, bench::kLearningRate / static_cast<float>(workers));
      sum.setZero();
    }
  }
  state.SetItemsProcessed(state.iterations() * kSteps);
}

void simulated(benchmark::State& state) {
  const int workers = static_cast<int>(state.range(0));
  const Training training = bench::training_of(workers, kSteps);
  const Cast cast{workers, 1};
  const DistributedSgd strategy(cast);
  test::ClusterRun cluster(workers + 1, 1, "1.25GBps", "12.5us", static_cast<std::size_t>(state.range(1)));
  for (auto _ : state) {
    cluster([&](Communicator& communicator) {
      const bool works = cast.is_worker(communicator.rank());
      Learner learner(training, communicator, works ? static_cast<std::size_t>(communicator.rank()) : 0,
                      works ? static_cast<std::size_t>(workers) : 1);
      strategy.run(communicator, learner);
    });
  }
  state.SetItemsProcessed(state.iterations() * kSteps);
}

BENCHMARK(mathematics)->ArgName("workers")->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(gathered_and_summed)->ArgName("workers")->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(simulated)
    ->ArgNames({"workers", "threads"})
    ->Args({64, 1})
    ->Args({64, 2})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(simulated)->Name("smoke")->Args({2, 1})->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace descent
