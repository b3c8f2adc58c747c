#include "algorithms/strategies/takeover.hpp"

#include <algorithm>
#include <utility>

namespace descent {

std::optional<Takeover> newest_of(const std::vector<Message>& vectors, std::uint64_t own) {
  Takeover newest{own, {}};
  for (const Message& vector : vectors) {
    newest.updates = std::max(newest.updates, static_cast<std::uint64_t>(vector.note));
  }
  if (newest.updates == own) {
    return std::nullopt;
  }
  newest.vectors.reserve(vectors.size());
  for (const Message& vector : vectors) {
    if (static_cast<std::uint64_t>(vector.note) == newest.updates) {
      newest.vectors.push_back(vector.payload);
    }
  }
  return newest;
}

void take_over(Takeover from, std::size_t workers, Learner& learner, OptimizerState& state, ProgressReport& report) {
  learner.skip_gradients(from.updates - report.iterations());
  report.catch_up({from.updates, from.updates * learner.batch() * workers});
  if (from.vectors.empty()) {
    return;
  }
  const double weight = 1 / static_cast<double>(from.vectors.size());
  std::vector<WeightedVector> terms;
  terms.reserve(from.vectors.size());
  for (Snapshot& vector : from.vectors) {
    terms.push_back({weight, std::move(vector)});
  }
  state = learner.initial_state(learner.combine(std::move(terms)));
}

}  // namespace descent
