#include "algorithms/recovery/checkpoints.hpp"

#include "algorithms/recovery/interval.hpp"

#include <cmath>
#include <utility>

namespace descent {
namespace {

const std::string kName = "checkpoint";

}  // namespace

Checkpoints::Checkpoints(const Recovery& recovery, Communicator& communicator, double bytes_per_parameter)
    : recovery_(recovery),
      communicator_(communicator),
      bytes_per_parameter_(bytes_per_parameter),
      since_(communicator.now()) {}

std::optional<Checkpoint> Checkpoints::newest() {
  std::optional<Stored> stored = communicator_.recall(kName);
  since_ = communicator_.now();
  if (!stored) {
    return std::nullopt;
  }
  Checkpoint checkpoint;
  checkpoint.state.parameters = std::move(stored->vectors.front());
  checkpoint.state.slots.assign(std::make_move_iterator(stored->vectors.begin() + 1),
                                std::make_move_iterator(stored->vectors.end()));
  checkpoint.state.updates = stored->numbers.at(0);
  checkpoint.iterations = stored->numbers.at(1);
  checkpoint.samples = stored->numbers.at(2);
  checkpoint.memory.assign(stored->numbers.begin() + 3, stored->numbers.end());
  iterations_ = checkpoint.iterations;
  return checkpoint;
}

bool Checkpoints::offer(const OptimizerState& state, std::uint64_t iterations, std::uint64_t samples,
                        const std::vector<std::uint64_t>& memory) {
  if (!due(iterations)) {
    return false;
  }
  write(state, iterations, samples, memory);
  return true;
}

bool Checkpoints::due(std::uint64_t iterations) const {
  const double passed = communicator_.now() - since_;
  if (recovery_.every_updates) {
    return iterations - iterations_ >= *recovery_.every_updates;
  }
  if (recovery_.every_s) {
    return passed >= *recovery_.every_s;
  }
  if (!recovery_.automatic) {
    return false;
  }
  const double mtbf = recovery_.mtbf_s.at(static_cast<std::size_t>(communicator_.rank()));
  // The first tells what one costs.
  return mtbf < never && (!cost_ || passed >= best_interval(*cost_, mtbf));
}

void Checkpoints::write(const OptimizerState& state, std::uint64_t iterations, std::uint64_t samples,
                        const std::vector<std::uint64_t>& memory) {
  Stored stored;
  stored.vectors = state.slots;
  stored.vectors.insert(stored.vectors.begin(), state.parameters);
  stored.numbers = {state.updates, iterations, samples};
  stored.numbers.insert(stored.numbers.end(), memory.begin(), memory.end());
  const double bytes = bytes_per_parameter_ * static_cast<double>(stored.vectors.size() * state.parameters.size());
  const double begun = communicator_.now();
  communicator_.wait(communicator_.store(kName, std::move(stored), static_cast<std::uint64_t>(std::llround(bytes))));
  since_ = communicator_.now();
  cost_ = since_ - begun;
  iterations_ = iterations;
}

}  // namespace descent
