#include "algorithms/strategies/shard_server.hpp"

#include "algorithms/strategies/encoder.hpp"
#include "algorithms/strategies/stale_gradient.hpp"

#include <utility>

namespace descent {

std::vector<Part> shards_of(std::size_t parameters, const Cast& cast) {
  std::vector<Part> shards(static_cast<std::size_t>(cast.servers));
  for (std::size_t server = 0; server < shards.size(); ++server) {
    shards[server] = part_of(parameters, shards.size(), server);
  }
  return shards;
}

ShardServer::ShardServer(Cast cast, const Consistency& consistency, std::shared_ptr<const Compressor> compressor,
                         Communicator& communicator, Learner& learner)
    : consistency_(consistency),
      compressor_(std::move(compressor)),
      communicator_(communicator),
      learner_(learner),
      leads_(communicator.rank() == cast.server_rank(0)),
      shard_(shards_of(learner.problem().parameters(),
                       cast)[static_cast<std::size_t>(communicator.rank() - cast.workers)]),
      workers_(static_cast<std::size_t>(cast.workers), consistency),
      pieces_(workers_.count()),
      reads_(workers_.count()),
      batch_(consistency.gradients, consistency.distinct && consistency.gradients == workers_.count(), communicator),
      report_(communicator, Share{shard_.begin}) {
  if (!consistency_.corrects()) {
    batch_.decode_with(compressor_, shard_, learner);
  }
  if (consistency.bucket_bytes) {
    pieces_of_push_ = pieces_in(shard_, learner.buckets(*consistency.bucket_bytes)).size();
  }
  state_ = learner.initial_state(learner.initial_parameters().slice(shard_.begin, shard_.count));
  if (consistency_.compensation > 0) {
    reads_.assign(workers_.count(), state_.parameters);
  }
  report_.initial(state_.parameters);
  over_ = leads_ && learner.stop().met(report_.progress(), communicator);
}

void ShardServer::run() {
  constexpr Expected kAwaited[] = {{any_rank, shard::kPush}, {any_rank, shard::kLeave}};
  while (workers_.any()) {
    Message message = communicator_.first({}, kAwaited).message;
    const auto worker = static_cast<std::size_t>(message.source);
    bool updated = false;
    if (message.tag == shard::kLeave) {
      workers_.dismiss(worker);
    } else if (assemble(message)) {
      const bool counts = !over_ && take(worker, std::move(message));
      workers_.pushed(worker, counts);
      if (counts && batch_.complete()) {
        update();
        updated = true;
      }
    }
    for (const std::size_t waiting : workers_.take_answerable(updated, over_)) {
      answer(waiting);
    }
  }
  report_.finished(state_.parameters);
}

bool ShardServer::assemble(Message& push) {
  if (pieces_of_push_ == 1) {
    return true;
  }
  std::vector<Snapshot>& pieces = pieces_[static_cast<std::size_t>(push.source)];
  pieces.insert(pieces.begin(), std::move(push.payload));
  if (pieces.size() < pieces_of_push_) {
    return false;
  }
  push.payload = join(std::exchange(pieces, {}));
  return true;
}

bool ShardServer::take(std::size_t worker, Message push) {
  const std::uint64_t staleness = report_.iterations() - static_cast<std::uint64_t>(push.note);
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
    gradient = corrected(consistency_, std::move(gradient), staleness, reads_[worker], state_.parameters, learner_);
  }
  batch_.add(worker, staleness, std::move(gradient));
  return true;
}

void ShardServer::update() {
  std::vector<std::uint64_t> staleness = batch_.staleness();
  if (consistency_.synchronous) {
    staleness.resize(1);
  }
  const double weight = 1.0 / static_cast<double>(consistency_.shares_step ? workers_.count() : consistency_.gradients);
  // The schedule counts rounds where a gradient is a P-th of one.
  const std::uint64_t step = consistency_.shares_step ? report_.iterations() / workers_.count() : report_.iterations();
  state_ = learner_.update(std::move(state_), batch_.take(weight), step);
  report_.updated(state_.parameters, learner_.batch() * consistency_.gradients, std::move(staleness));
  over_ = leads_ && learner_.stop().met(report_.progress(), communicator_);
}

void ShardServer::answer(std::size_t worker) {
  Message answer = learner_.message(over_ ? Snapshot() : state_.parameters, shard_.begin);
  answer.note = static_cast<std::int64_t>(report_.iterations());
  communicator_.send(static_cast<int>(worker), shard::kAnswer, std::move(answer));
  if (over_) {
    workers_.dismiss(worker);
  } else if (consistency_.compensation > 0) {
    reads_[worker] = state_.parameters;
  }
}

}  // namespace descent
