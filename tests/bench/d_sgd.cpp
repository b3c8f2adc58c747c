// One global step of D-SGD with 64 workers, MLP 784-256-10, batch 32 each: simulated, and the bare mathematics of the
// 64 gradients in plain Eigen on one thread.
#include "algorithms/strategies/d_sgd.hpp"
#include "algorithms/core/random.hpp"
#include "algorithms/optimizers/optimizers.hpp"
#include "algorithms/optimizers/schedules.hpp"
#include "algorithms/strategies/problem_factory.hpp"
#include "tests/support/simulation.hpp"

#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace descent {
namespace {

constexpr int kFeatures = 784;
constexpr int kHidden = 256;
constexpr int kClasses = 10;
constexpr int kBatch = 32;
constexpr int kSteps = 30;

/// What a researcher would write by hand: forward, cross-entropy, backward.
class PlainMlp {
 public:
  PlainMlp() {
    w1_.setRandom();
    w2_.setRandom();
  }

  void gradient(const Eigen::MatrixXf& inputs, const Eigen::VectorXi& labels, Eigen::VectorXf& gradient) {
    const auto batch = static_cast<float>(inputs.cols());
    hidden_.noalias() = w1_ * inputs;
    hidden_.colwise() += b1_;
    hidden_ = hidden_.cwiseMax(0.0F);
    outputs_.noalias() = w2_ * hidden_;
    outputs_.colwise() += b2_;
    outputs_.rowwise() -= outputs_.colwise().maxCoeff().eval();
    outputs_ = outputs_.array().exp();
    outputs_.array().rowwise() /= outputs_.array().colwise().sum().eval();
    for (Eigen::Index i = 0; i < labels.size(); ++i) {
      outputs_(labels(i), i) -= 1;
    }
    outputs_ /= batch;
    back_.noalias() = w2_.transpose() * outputs_;
    back_ = (hidden_.array() > 0).select(back_, 0.0F);
    float* begin = gradient.data();
    Eigen::Map<Eigen::MatrixXf>(begin, kHidden, kFeatures).noalias() = back_ * inputs.transpose();
    begin += kHidden * kFeatures;
    Eigen::Map<Eigen::VectorXf>(begin, kHidden) = back_.rowwise().sum();
    begin += kHidden;
    Eigen::Map<Eigen::MatrixXf>(begin, kClasses, kHidden).noalias() = outputs_ * hidden_.transpose();
    begin += kClasses * kHidden;
    Eigen::Map<Eigen::VectorXf>(begin, kClasses) = outputs_.rowwise().sum();
  }

  static constexpr Eigen::Index parameters = kHidden * (kFeatures + 1) + kClasses * (kHidden + 1);

 private:
  Eigen::MatrixXf w1_ = Eigen::MatrixXf(kHidden, kFeatures);
  Eigen::VectorXf b1_ = Eigen::VectorXf::Zero(kHidden);
  Eigen::MatrixXf w2_ = Eigen::MatrixXf(kClasses, kHidden);
  Eigen::VectorXf b2_ = Eigen::VectorXf::Zero(kClasses);
  Eigen::MatrixXf hidden_, outputs_, back_;
};

void mathematics(benchmark::State& state) {
  const auto workers = state.range(0);
  PlainMlp model;
  const Eigen::MatrixXf inputs = Eigen::MatrixXf::Random(kFeatures, kBatch);
  const Eigen::VectorXi labels = Eigen::VectorXi::Zero(kBatch);
  Eigen::VectorXf gradient(PlainMlp::parameters);
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

Settings settings(std::map<std::string, std::string> values) {
  return Settings(std::move(values));
}

Training training_of(int workers) {
  ProblemParts parts;
  parts.model = "mlp";
  parts.model_settings = settings({{"hidden", std::to_string(kHidden)}, {"activation", "relu"}, {"l2", "0"}});
  parts.source = "synthetic-classification";
  parts.source_settings = settings({{"samples", std::to_string(64 * workers)},
                                    {"test-samples", "0"},
                                    {"features", std::to_string(kFeatures)},
                                    {"classes", std::to_string(kClasses)},
                                    {"separation", "3"},
                                    {"label-noise", "0"}});
  parts.partition = "iid";
  parts.shards = static_cast<std::size_t>(workers);
  parts.seed = 1;
  Training training;
  training.problem = make_problem(parts);
  training.optimizer = make_optimizer("sgd", settings({{"learning-rate", "0.01"}, {"weight-decay", "0"}}));
  training.schedule = make_schedule("constant", settings({{"warmup", "0"}}));
  training.learning_rate = 0.01;
  training.batch = kBatch;
  training.parameter_bytes = 4.0 * static_cast<double>(training.problem->parameters());
  training.seed = 1;
  training.stop.iterations = kSteps;
  return training;
}

void simulated(benchmark::State& state) {
  const int workers = static_cast<int>(state.range(0));
  const Training training = training_of(workers);
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
