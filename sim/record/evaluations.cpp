#include "sim/record/evaluations.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace descent {
namespace {

/// Samples per kernel: enough for a matrix product to be worth it, few enough to share among threads.
constexpr std::size_t kSamplesPerKernel = 1024;
/// Each evaluation under way keeps a parameter vector, so a run that is faster than its evaluations waits for them.
constexpr std::size_t kMostUnderWay = 16;

Snapshot mean_of(const std::vector<Snapshot>& replicas) {
  std::vector<WeightedVector> terms;
  terms.reserve(replicas.size());
  for (const Snapshot& replica : replicas) {
    terms.push_back({1.0 / static_cast<double>(replicas.size()), replica});
  }
  return combination(terms);
}

/// (1/P Σ‖xₖ − x̄‖²)^½; nothing for placeholders.
std::optional<double> distance(const std::vector<Snapshot>& replicas, const Snapshot& mean) {
  if (mean.is_placeholder()) {
    return std::nullopt;
  }
  return with_real(mean.precision(), [&](auto real) {
    using Real = decltype(real);
    double squares = 0;
    for (const Snapshot& replica : replicas) {
      squares += (replica.as<Real>() - mean.as<Real>()).template cast<double>().squaredNorm();
    }
    return std::sqrt(squares / static_cast<double>(replicas.size()));
  });
}

}  // namespace

bool Targets::met_by(const Observation& observation) const {
  return (loss && observation.loss && *observation.loss <= *loss) ||
         (accuracy && observation.test_accuracy && *observation.test_accuracy >= *accuracy);
}

struct Evaluations::Pending {
  Observation observation;
  Snapshot parameters;
  std::vector<Evaluation> parts[2];
  std::optional<Optimality> optimality;
  std::vector<std::future<void>> kernels;

  bool ready() const {
    return std::all_of(kernels.begin(), kernels.end(), [](const std::future<void>& kernel) {
      return kernel.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
  }
};

Evaluations::Evaluations(std::shared_ptr<const Problem> problem, KernelPool& pool, Targets targets)
    : problem_(std::move(problem)), pool_(pool), targets_(targets), parts_(problem_->parameters()) {}

void Evaluations::add(ObservedPart part) {
  parts_.add(std::move(part));
  observe();
}

void Evaluations::lost(int replica) {
  parts_.lost(replica);
  observe();
}

void Evaluations::observe() {
  for (std::vector<ObservedPart> parts = parts_.take(); !parts.empty(); parts = parts_.take()) {
    observe(std::move(parts));
  }
}

void Evaluations::observe(std::vector<ObservedPart> parts) {
  const ObservedPart& lead = parts.front();
  const bool replicas = lead.share.replicas > 1;
  const bool last = lead.slot == last_slot;
  Observation observation;
  observation.iteration = lead.iteration;
  observation.samples = replicas ? parts_.samples() : lead.samples;
  observation.staleness_mean = lead.gradients > 0 ? lead.staleness_sum / static_cast<double>(lead.gradients) : 0;
  std::vector<Snapshot> pieces;
  pieces.reserve(parts.size());
  for (ObservedPart& piece : parts) {
    observation.time_s = std::max(observation.time_s, piece.time_s);
    observation.bytes_sent = std::max(observation.bytes_sent, piece.bytes_sent);
    pieces.push_back(std::move(piece.parameters));
  }
  Snapshot whole = replicas ? mean_of(pieces) : join(pieces);
  if (replicas) {
    observation.consensus_distance = distance(pieces, whole);
  }
  if (last) {
    final_ = whole;
    const Observation* newest = !pending_.empty()    ? &pending_.back()->observation
                                : !finished_.empty() ? &finished_.back()
                                                     : nullptr;
    if (newest != nullptr && newest->iteration == observation.iteration && newest->samples == observation.samples) {
      return;  // Observed already.
    }
  }
  begin(observation, std::move(whole));
}

void Evaluations::begin(Observation observation, Snapshot parameters) {
  if (parameters.is_placeholder()) {
    finished_.push_back(observation);
    return;
  }
  auto pending = std::make_shared<Pending>();
  pending->observation = observation;
  pending->parameters = std::move(parameters);
  for (const Split split : {Split::train, Split::test}) {
    const std::size_t samples = problem_->split_size(split);
    const int half = static_cast<int>(split);
    auto& parts = pending->parts[half];
    parts.resize((samples + kSamplesPerKernel - 1) / kSamplesPerKernel);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::size_t begin = i * kSamplesPerKernel;
      const std::size_t count = std::min(kSamplesPerKernel, samples - begin);
      // The kernel keeps what it writes to: a run that fails does not wait for it.
      pending->kernels.push_back(pool_.submit([problem = problem_, pending, half, split, begin, count, i] {
        pending->parts[half][i] = problem->evaluate(pending->parameters, split, begin, count);
      }));
    }
  }
  pending->kernels.push_back(
      pool_.submit([problem = problem_, pending] { pending->optimality = problem->optimality(pending->parameters); }));
  pending_.push_back(std::move(pending));
  if (pending_.size() > kMostUnderWay) {
    settle_oldest();
  }
}

void Evaluations::settle_oldest() {
  const std::shared_ptr<Pending> pending = pending_.front();
  for (std::future<void>& kernel : pending->kernels) {
    kernel.get();
  }
  Evaluation sums[2];
  for (int split = 0; split < 2; ++split) {
    for (const Evaluation& part : pending->parts[split]) {
      sums[split] += part;
    }
  }
  Observation observation = pending->observation;
  observation.loss = sums[0].loss() + problem_->penalty(pending->parameters);
  if (sums[1].samples > 0) {
    observation.test_loss = sums[1].loss();
    if (problem_->classifies()) {
      observation.test_accuracy = sums[1].accuracy();
    }
  }
  observation.optimality = pending->optimality;
  met_ = met_ || targets_.met_by(observation);
  finished_.push_back(observation);
  pending_.erase(pending_.begin());
}

bool Evaluations::target_met() {
  while (!pending_.empty()) {
    settle_oldest();
  }
  return met_;
}

std::optional<double> Evaluations::newest_loss() {
  while (!pending_.empty() && pending_.front()->ready()) {
    settle_oldest();
  }
  return finished_.empty() ? std::nullopt : finished_.back().loss;
}

const std::vector<Observation>& Evaluations::finish() {
  parts_.end();
  observe();
  while (!pending_.empty()) {
    settle_oldest();
  }
  return finished_;
}

}  // namespace descent
