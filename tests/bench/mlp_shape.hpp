#pragma once

namespace descent::bench {

// The training step that benchmarks measure: MLP 784-256-10, batch 32 per worker.
inline constexpr int kFeatures = 784;
inline constexpr int kHidden = 256;
inline constexpr int kClasses = 10;
inline constexpr int kBatch = 32;
inline constexpr double kLearningRate = 0.01;

}  // namespace descent::bench
