#pragma once

#include "algorithms/optimizers/optimizers.hpp"
#include "algorithms/optimizers/schedules.hpp"
#include "algorithms/strategies/learner.hpp"
#include "algorithms/strategies/problem_factory.hpp"
#include "tests/bench/mlp_shape.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace descent::bench {

/// What is trained.
struct MlpCase {
  int hidden = kHidden;
  int batch = kBatch;
};

/// `steps` iterations of SGD on synthetic data, two batches for each worker.
inline Training training_of(int workers, std::uint64_t steps, const MlpCase& model = {}) {
  const auto settings = [](std::map<std::string, std::string> values) { return Settings(std::move(values)); };
  ProblemParts parts;
  parts.model = "mlp";
  parts.model_settings = settings({{"hidden", std::to_string(model.hidden)}, {"activation", "relu"}, {"l2", "0"}});
  parts.source = "synthetic-classification";
  parts.source_settings = settings({{"samples", std::to_string(2 * model.batch * workers)},
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
  training.optimizer =
      make_optimizer("sgd", settings({{"learning-rate", std::to_string(kLearningRate)}, {"weight-decay", "0"}}));
  training.schedule = make_schedule("constant", settings({{"warmup", "0"}, {"scale", "none"}}));
  training.learning_rate = kLearningRate;
  training.batch = model.batch;
  training.parameter_bytes = 4.0 * static_cast<double>(training.problem->parameters());
  training.seed = 1;
  training.stop.iterations = steps;
  return training;
}

}  // namespace descent::bench
