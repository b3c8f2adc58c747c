#include "algorithms/strategies/coded_gradients.hpp"

#include <utility>

namespace descent {

CodedGradient::CodedGradient(const std::vector<GradientCode::Term>& row, int workers, Communicator& communicator,
                             Learner& learner)
    : row_(row), communicator_(communicator), learner_(learner) {
  partitions_.reserve(row.size());
  for (const GradientCode::Term& term : row) {
    partitions_.push_back(
        learner.of_worker(static_cast<std::size_t>(term.partition), static_cast<std::size_t>(workers)));
  }
}

CodedGradient::Outcome CodedGradient::at(const Snapshot& x, const Expected& awaited) {
  Outcome outcome;
  std::vector<WeightedVector> terms;
  for (std::size_t i = 0; i < row_.size(); ++i) {
    if (outcome.newer) {
      partitions_[i].skip_gradient();
      continue;
    }
    const GradientUnderWay gradient = partitions_[i].begin_gradient(x);
    First first = communicator_.first(std::span(&gradient.task, 1), std::span(&awaited, 1));
    if (first.what == First::What::message) {
      communicator_.cancel(gradient.task);
      outcome.newer = std::move(first.message);
      for (std::size_t begun = 0; begun <= i; ++begun) {
        communicator_.observer().wasted(communicator_.now());
      }
    } else {
      terms.push_back({row_[i].coefficient, *gradient.result});
    }
  }
  if (!outcome.newer) {
    outcome.combination = learner_.combine(std::move(terms));
  }
  return outcome;
}

std::optional<Snapshot> DecodedMean::with(int worker, Snapshot combination) {
  combinations_[worker] = std::move(combination);
  std::vector<int> workers;
  workers.reserve(combinations_.size());
  for (const auto& one : combinations_) {
    workers.push_back(one.first);
  }
  const auto weights = code_.decode(workers);
  if (!weights) {
    return std::nullopt;
  }
  std::vector<WeightedVector> terms;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    if ((*weights)[i] != 0) {
      terms.push_back({(*weights)[i] / workers_, combinations_[workers[i]]});
    }
  }
  return learner_.combine(std::move(terms));
}

}  // namespace descent
