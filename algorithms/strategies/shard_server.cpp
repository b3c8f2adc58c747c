#include "algorithms/strategies/shard_server.hpp"

#include "algorithms/strategies/encoder.hpp"
#include "algorithms/strategies/stale_gradient.hpp"

#include <array>
#include <utility>

namespace descent {

ShardServer::ShardServer(Cast cast, Part shard, const Consistency& consistency, const Recovery& recovery,
                         std::shared_ptr<const Compressor> compressor, Communicator& communicator, Learner& learner)
    : consistency_(consistency),
      recovery_(recovery),
      compressor_(std::move(compressor)),
      communicator_(communicator),
      learner_(learner),
      leads_(communicator.rank() == cast.server_rank(0)),
      workers_(static_cast<std::size_t>(cast.workers), consistency, recovery, communicator.now()),
      pieces_(workers_.count()),
      reads_(workers_.count()),
      batch_(consistency.gradients,
             consistency.distinct && consistency.gradients == workers_.count() && !recovery.tolerates_losses(),
             communicator),
      contributed_(workers_.count()),
      newest_(workers_.count()),
      answered_(workers_.count()),
      answers_(workers_.count()),
      // The schedule counts rounds where a gradient is a P-th of one.
      shard_(shard, consistency.shares_step ? workers_.count() : 1, recovery, communicator, learner),
      balance_(learner, workers_.count()) {
  if (!consistency_.corrects()) {
    batch_.decode_with(compressor_, shard_.part(), learner);
  }
  if (consistency.bucket_bytes) {
    pieces_of_push_ = pieces_in(shard_.part(), learner.buckets(*consistency.bucket_bytes)).size();
  }
  shard_.begin(newest_);
  if (consistency_.compensation > 0) {
    reads_.assign(workers_.count(), shard_.parameters());
  }
  over_ = leads_ && learner.stop().met(shard_.report().progress(), communicator);
}

void ShardServer::run() {
  constexpr Expected kAwaited[] = {{any_rank, shard::kPush},
                                   {any_rank, shard::kLeave},
                                   {any_rank, shard::kJoin},
                                   {any_rank, shard::kHere},
                                   {any_rank, shard::kOver}};
  const bool waits_for_lost = recovery_.tolerates_losses();
  bool told_over = false;
  while (workers_.any() || (waits_for_lost && !over_ && !left_)) {
    First first = communicator_.first({}, kAwaited, workers_.deadline());
    if (first.what == First::What::deadline) {
      tell_losses(workers_.missed(communicator_.now()).size(), 0);
    } else {
      handle(std::move(first.message));
    }
    const bool updates = !over_ && ready();
    if (updates) {
      update();
    }
    const std::vector<std::size_t> answerable = workers_.take_answerable(updates, over_);
    if (!over_ || !waits_for_lost) {
      for (const std::size_t worker : answerable) {
        answer(worker);
      }
    } else if (!told_over) {
      tell_all_over();
      told_over = true;
    }
  }
  shard_.report().finished(shard_.parameters());
}

void ShardServer::handle(Message message) {
  const auto worker = static_cast<std::size_t>(message.source);
  if (message.tag == shard::kLeave) {
    left_ = true;
    workers_.dismiss(worker);
  } else if (message.tag == shard::kOver || (over_ && recovery_.tolerates_losses())) {
    left_ = left_ || message.tag == shard::kOver;
    workers_.is_there(worker, communicator_.now());
    tell_over(worker);
  } else if (message.tag == shard::kJoin) {
    let_in(worker, static_cast<std::uint64_t>(message.scalar));
  } else if (message.tag == shard::kHere || repeated(worker, message)) {
    tell_losses(0, workers_.is_there(worker, communicator_.now()) ? 1 : 0);
  } else if (assemble(message)) {
    handle_push(worker, std::move(message));
  }
}

/// A worker that still pushes long after newer parameters were sent to all has not got them.
void ShardServer::handle_push(std::size_t worker, Message push) {
  const double now = communicator_.now();
  const bool counts = !over_ && take(worker, std::move(push));
  tell_losses(0, workers_.pushed(worker, counts, now) ? 1 : 0);
  if (consistency_.restarts && !counts && may_lack_answer(worker, recovery_.timeout_s / 2)) {
    answer(worker);
  }
}

void ShardServer::let_in(std::size_t worker, std::uint64_t request) {
  if (request < newest_[worker]) {
    return;
  }
  newest_[worker] = request;
  tell_losses(0, workers_.joined(worker, communicator_.now()) ? 1 : 0);
  answer(worker);
}

/// All that are asked for, or, of those who are there, all that can still come.
bool ShardServer::ready() const {
  if (batch_.complete()) {
    return true;
  }
  if (!recovery_.tolerates_losses() || !consistency_.distinct || batch_.size() == 0) {
    return false;
  }
  for (std::size_t worker = 0; worker < workers_.count(); ++worker) {
    if (workers_.has(worker) && !contributed_[worker]) {
      return false;
    }
  }
  return true;
}

void ShardServer::tell_losses(std::size_t lost, std::size_t returned) {
  if (leads_ && !over_ && lost + returned > 0) {
    communicator_.observer().recovered(
        {.lost_peers = static_cast<int>(lost), .returned_peers = static_cast<int>(returned)}, communicator_.now());
  }
}

bool ShardServer::repeated(std::size_t worker, const Message& push) {
  const auto number = static_cast<std::uint64_t>(push.scalar);
  if (!recovery_.tolerates_losses() || number > newest_[worker]) {
    newest_[worker] = number;
    return false;
  }
  const bool behind = static_cast<std::uint64_t>(push.note) < shard_.report().iterations();
  // A server that is late would answer all that has been asked meanwhile, while ever more is.
  if (number == newest_[worker] && !workers_.waits(worker) &&
      (behind || consistency_.answer == Consistency::Answer::at_once) &&
      may_lack_answer(worker, recovery_.timeout_s / 4)) {
    answer(worker);
  }
  return true;
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
  const std::uint64_t staleness = shard_.report().iterations() - static_cast<std::uint64_t>(push.note);
  if (staleness > (consistency_.synchronous ? 0 : consistency_.oldest)) {
    if (leads_) {
      communicator_.observer().wasted(communicator_.now());
    }
    return false;
  }
  Snapshot gradient = std::move(push.payload);
  if (consistency_.corrects()) {
    gradient = decoded(compressor_.get(), learner_, std::move(gradient), shard_.part());
  }
  if (consistency_.corrects() && staleness > 0) {
    gradient = corrected(consistency_, std::move(gradient), staleness, reads_[worker], shard_.parameters(), learner_);
  }
  // An earlier life of the worker may have contributed already.
  if (!recovery_.tolerates_losses() || !consistency_.distinct || !contributed_[worker]) {
    balance_.measured(worker, push.scalar);
    batch_.add(worker, staleness, std::move(gradient));
    contributed_[worker] = true;
  }
  return true;
}

void ShardServer::update() {
  std::vector<std::uint64_t> staleness = batch_.staleness();
  if (consistency_.synchronous) {
    staleness.resize(1);
  }
  const std::size_t gradients = batch_.size();
  const double weight = 1.0 / static_cast<double>(consistency_.shares_step ? workers_.count() : gradients);
  contributed_.assign(contributed_.size(), false);
  shard_.update(batch_.take(weight), gradients, std::move(staleness), newest_);
  balance_.updated(shard_.report().iterations());
  over_ = leads_ && learner_.stop().met(shard_.report().progress(), communicator_);
}

/// Also those who have been lost, or will be before they ask: they may only be late, and then nobody else is there.
void ShardServer::tell_all_over() {
  for (std::size_t worker = 0; worker < workers_.count(); ++worker) {
    tell_over(worker);
  }
}

void ShardServer::tell_over(std::size_t worker) {
  Message answer = learner_.message(Snapshot(), shard_.part().begin);
  answer.note = static_cast<std::int64_t>(shard_.report().iterations());
  communicator_.send(static_cast<int>(worker), shard::kAnswer, std::move(answer));
  if (recovery_.tolerates_losses()) {
    workers_.answered(worker, communicator_.now());
  } else {
    workers_.dismiss(worker);
  }
}

bool ShardServer::may_lack_answer(std::size_t worker, double after) {
  return communicator_.now() >= answered_[worker] + after &&
         (!answers_[worker] || communicator_.done(answers_[worker]));
}

void ShardServer::answer(std::size_t worker) {
  if (over_) {
    tell_over(worker);
    return;
  }
  Message answer = learner_.message(shard_.parameters(), shard_.part().begin);
  answer.note = static_cast<std::int64_t>(shard_.report().iterations());
  if (recovery_.tolerates_losses()) {
    answer.scalar = static_cast<double>(newest_[worker]);
  } else if (consistency_.reads_when_stale) {
    answer.scalar = static_cast<double>(workers_.slowest_round());
  } else {
    answer.scalar = leads_ ? static_cast<double>(balance_.batch(worker)) : 0;
  }
  communicator_.expect(std::array{Expected{static_cast<int>(worker), shard::kPush}});
  Request request = communicator_.send(static_cast<int>(worker), shard::kAnswer, std::move(answer));
  if (recovery_.tolerates_losses()) {
    answers_[worker] = std::move(request);
  }
  answered_[worker] = communicator_.now();
  if (leads_ && learner_.balance().moves_shards(shard_.report().iterations())) {
    communicator_.send(static_cast<int>(worker), shard::kMoves, moves_message(balance_.moves(worker)));
  }
  workers_.answered(worker, communicator_.now());
  if (consistency_.compensation > 0) {
    reads_[worker] = shard_.parameters();
  }
}

}  // namespace descent
