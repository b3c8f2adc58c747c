#include "algorithms/strategies/durable_shard.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>

#include <utility>

namespace descent {

DurableShard::DurableShard(Part shard, std::uint64_t updates_per_step, const Recovery& recovery,
                           Communicator& communicator, Learner& learner)
    : shard_(shard),
      updates_per_step_(updates_per_step),
      recovery_(recovery),
      communicator_(communicator),
      learner_(learner),
      state_(learner.initial_state(learner.initial_parameters().slice(shard.begin, shard.count))),
      report_(communicator, Share{shard.begin}),
      checkpoints_(recovery, communicator, learner.bytes_per_parameter()),
      log_(communicator) {}

void DurableShard::begin(std::vector<std::uint64_t>& memory) {
  if (communicator_.life() == 0) {
    report_.initial(state_.parameters);
  } else {
    restore(memory);
  }
}

void DurableShard::update(Snapshot mean, std::size_t gradients, std::vector<std::uint64_t> staleness,
                          const std::vector<std::uint64_t>& memory) {
  if (recovery_.checkpoints()) {
    std::vector<std::uint64_t> numbers = memory;
    numbers.push_back(gradients);
    log_.append(report_.iterations() + 1, {{mean}, std::move(numbers)},
                learner_.wire_bytes(shard_.begin, shard_.count));
  }
  apply(std::move(mean));
  report_.updated(state_.parameters, learner_.batch() * gradients, std::move(staleness));
  if (checkpoints_.offer(state_, report_.iterations(), report_.progress().samples, memory)) {
    log_.trim(report_.iterations());
  }
}

void DurableShard::apply(Snapshot mean) {
  state_ = learner_.update(std::move(state_), std::move(mean), report_.iterations() / updates_per_step_);
}

void DurableShard::restore(std::vector<std::uint64_t>& memory) {
  if (!recovery_.checkpoints()) {
    throw RunError(
        fmt::format("server {} lost its parameters as its host went off; <recovery> with checkpoints would bring them "
                    "back",
                    communicator_.rank()));
  }
  Progress progress;
  if (std::optional<Checkpoint> checkpoint = checkpoints_.newest()) {
    state_ = std::move(checkpoint->state);
    progress = {checkpoint->iterations, checkpoint->samples};
    memory = std::move(checkpoint->memory);
  }
  report_.resume(progress);
  while (std::optional<Stored> entry = log_.read(report_.iterations() + 1)) {
    apply(std::move(entry->vectors.front()));
    progress.count(learner_.batch() * entry->numbers.back());
    entry->numbers.pop_back();
    memory = std::move(entry->numbers);
    report_.resume(progress);
  }
  report_.restored();
}

}  // namespace descent
