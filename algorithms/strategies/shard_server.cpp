#include "algorithms/strategies/shard_server.hpp"

#include "algorithms/strategies/encoder.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace descent {

ShardServer::ShardServer(Cast cast, const Consistency& consistency, std::shared_ptr<const Compressor> compressor,
                         Communicator& communicator, Learner& learner)
    : cast_(cast),
      consistency_(consistency),
      compressor_(std::move(compressor)),
      communicator_(communicator),
      learner_(learner),
      leads_(communicator.rank() == cast.server_rank(0)),
      workers_(static_cast<std::size_t>(cast.workers)),
      present_(workers_.size()),
      batch_(consistency.gradients, consistency.distinct && consistency.gradients == workers_.size(), communicator) {
  const Snapshot x = learner.initial_parameters();
  shard_ = part_of(x.size(), static_cast<std::size_t>(cast.servers),
                   static_cast<std::size_t>(communicator.rank() - cast.workers));
  if (!consistency_.corrects()) {
    batch_.decode_with(compressor_, shard_, learner);
  }
  if (consistency.bucket_bytes) {
    pieces_ = pieces_in(shard_, learner.buckets(*consistency.bucket_bytes)).size();
  }
  state_ = learner.initial_state(x.slice(shard_.begin, shard_.count));
  if (consistency_.compensation > 0) {
    for (Worker& worker : workers_) {
      worker.reads = state_.parameters;
    }
  }
  communicator.observer().initial({shard_.begin}, state_.parameters, communicator.now());
  over_ = leads_ && learner.stop().met(progress_, communicator);
}

void ShardServer::run() {
  constexpr Expected kAwaited[] = {{any_rank, shard::kPush}, {any_rank, shard::kLeave}};
  while (present_ > 0) {
    Message message = communicator_.first({}, kAwaited).message;
    const auto worker = static_cast<std::size_t>(message.source);
    bool updated = false;
    if (message.tag == shard::kLeave) {
      dismiss(worker);
    } else if (assemble(message)) {
      workers_[worker].rounds += 1;
      const bool counts = !over_ && take(worker, std::move(message));
      unanswered_.push_back({worker, !counts});
      if (counts && batch_.complete()) {
        update();
        updated = true;
      }
    }
    answer(updated);
  }
  communicator_.observer().finished({shard_.begin}, state_.parameters, communicator_.now());
}

bool ShardServer::assemble(Message& push) {
  if (pieces_ == 1) {
    return true;
  }
  std::vector<Snapshot>& pieces = workers_[static_cast<std::size_t>(push.source)].pieces;
  pieces.insert(pieces.begin(), std::move(push.payload));
  if (pieces.size() < pieces_) {
    return false;
  }
  push.payload = join(std::exchange(pieces, {}));
  return true;
}

bool ShardServer::take(std::size_t worker, Message push) {
  const std::uint64_t staleness = progress_.iterations - static_cast<std::uint64_t>(push.note);
  if (staleness > (consistency_.synchronous ? 0 : consistency_.oldest)) {
    if (leads_) {
      communicator_.observer().wasted(communicator_.now());
    }
    return false;
  }
  Snapshot gradient = std::move(push.payload);
  if (consistency_.corrects()) {
    gradient = decoded(compressor_.get(), learner_, std::move(gradient), shard_);
  }
  if (consistency_.corrects() && staleness > 0) {
    gradient = corrected(std::move(gradient), staleness, workers_[worker].reads);
  }
  batch_.add(worker, staleness, std::move(gradient));
  return true;
}

Snapshot ShardServer::corrected(Snapshot gradient, std::uint64_t staleness, const Snapshot& read) {
  const bool compensates = consistency_.compensation > 0;
  const double flops = static_cast<double>(gradient.size()) * (compensates ? 6 : 1);
  const double weight = std::pow(1 + static_cast<double>(staleness), -consistency_.scaling);
  if (gradient.is_placeholder()) {
    learner_.compute(flops, {});
    return gradient;
  }
  learner_.compute(flops, [&] {
    Buffer result = Buffer::from(std::move(gradient));
    with_real(result.precision(), [&](auto real) {
      using Real = decltype(real);
      auto g = result.as<Real>().array();
      if (compensates) {
        const auto moved = state_.parameters.as<Real>().array() - read.as<Real>().array();
        g += static_cast<Real>(consistency_.compensation) * g * g * moved;
      }
      g *= static_cast<Real>(weight);
    });
    gradient = std::move(result).freeze();
  });
  return gradient;
}

void ShardServer::update() {
  std::vector<std::uint64_t> staleness = batch_.staleness();
  if (consistency_.synchronous) {
    staleness.resize(1);
  }
  const double weight = 1.0 / static_cast<double>(consistency_.shares_step ? workers_.size() : consistency_.gradients);
  // The schedule counts rounds where a gradient is a P-th of one.
  const std::uint64_t step = consistency_.shares_step ? progress_.iterations / workers_.size() : progress_.iterations;
  state_ = learner_.update(std::move(state_), batch_.take(weight), step);
  progress_.count(learner_.batch() * consistency_.gradients);
  communicator_.observer().updated(
      {progress_.iterations, progress_.samples, std::move(staleness), {shard_.begin}, state_.parameters},
      communicator_.now());
  over_ = leads_ && learner_.stop().met(progress_, communicator_);
}

void ShardServer::answer(bool updated) {
  if (consistency_.restarts) {
    for (std::size_t worker = 0; worker < workers_.size() && (updated || over_); ++worker) {
      if (workers_[worker].present) {
        tell(worker);
      }
    }
    unanswered_.clear();
    return;
  }
  const bool bounded = consistency_.answer == Consistency::Answer::within_bound;
  const std::uint64_t slowest = bounded ? slowest_round() : 0;
  std::erase_if(unanswered_, [&](const Waiting& waiting) {
    const bool goes_on = over_ || may_go_on(waiting, updated, slowest);
    if (goes_on) {
      tell(waiting.worker);
    }
    return goes_on;
  });
}

bool ShardServer::may_go_on(const Waiting& waiting, bool updated, std::uint64_t slowest) const {
  switch (consistency_.answer) {
    case Consistency::Answer::with_update:
      return updated || waiting.dropped;
    case Consistency::Answer::within_bound:
      return workers_[waiting.worker].rounds - slowest <= consistency_.bound;
    case Consistency::Answer::at_once:
      return true;
    case Consistency::Answer::none:
      return false;
  }
  return false;
}

void ShardServer::tell(std::size_t worker) {
  Message answer;
  answer.note = static_cast<std::int64_t>(progress_.iterations);
  answer.payload = over_ ? Snapshot() : state_.parameters;
  answer.wire_bytes = over_ ? control_bytes : learner_.wire_bytes(shard_.begin, shard_.count);
  communicator_.send(static_cast<int>(worker), shard::kAnswer, std::move(answer));
  if (over_) {
    dismiss(worker);
  } else if (consistency_.compensation > 0) {
    workers_[worker].reads = state_.parameters;
  }
}

void ShardServer::dismiss(std::size_t worker) {
  if (std::exchange(workers_[worker].present, false)) {
    --present_;
  }
}

std::uint64_t ShardServer::slowest_round() const {
  std::uint64_t slowest = Consistency::unbounded;
  for (const Worker& worker : workers_) {
    if (worker.present) {
      slowest = std::min(slowest, worker.rounds);
    }
  }
  return slowest;
}

}  // namespace descent
