#include "algorithms/strategies/shard_worker.hpp"

#include "algorithms/recovery/request_number.hpp"
#include "algorithms/strategies/shard_server.hpp"
#include "algorithms/strategies/work_balance.hpp"

#include <algorithm>
#include <utility>

namespace descent {

ShardWorker::ShardWorker(Cast cast, std::vector<Part> shards, const Consistency& consistency, const Recovery& recovery,
                         const std::shared_ptr<const Compressor>& compressor, Communicator& communicator,
                         Learner& learner)
    : cast_(cast),
      consistency_(consistency),
      recovery_(recovery),
      communicator_(communicator),
      learner_(learner),
      compresses_(compressor != nullptr),
      encoder_(compressor, communicator, learner),
      parts_(std::move(shards)),
      versions_(parts_.size(), 0),
      shards_(parts_.size()),
      read_(parts_.size()),
      request_(request_number(communicator.life(), 0)),
      lines_(cast, recovery, communicator),
      x_(learner.initial_parameters()) {
  for (std::size_t server = 0; server < parts_.size() && keeps_shards(); ++server) {
    shards_[server] = x_.slice(parts_[server].begin, parts_[server].count);
  }
}

void ShardWorker::run() {
  if (communicator_.life() > 0) {
    join();
  }
  while (!over_) {
    if (consistency_.restarts) {
      work_until_told();
    } else if (consistency_.reads_when_stale) {
      work_while_recent();
    } else {
      work_until_answered();
    }
    join_shards();
    if (!over_ && learner_.balance().moves_shards(static_cast<std::uint64_t>(versions_.front()))) {
      move_shards(moves_in(communicator_.receive(cast_.server_rank(0), shard::kMoves)), communicator_, learner_);
    }
  }
  lines_.leave_all();
}

void ShardWorker::work_until_answered() {
  if (consistency_.bucket_bytes) {
    push_buckets();
  } else {
    const bool summed =
        consistency_.gradients > 1 && !consistency_.corrects() && !compresses_ && !recovery_.tolerates_losses();
    push(summed ? learner_.gradient_to_sum(x_, versions_.size()) : learner_.gradient(x_));
  }
  await_all();
}

/// What a server says meanwhile is that the run is over, or that a gradient was too old for it: then so is this one.
void ShardWorker::work_while_recent() {
  const GradientUnderWay gradient = learner_.begin_gradient(x_);
  First first = communicator_.first(std::span(&gradient.task, 1), lines_.answers());
  if (first.what == First::What::message) {
    communicator_.cancel(gradient.task);
    communicator_.observer().wasted(communicator_.now());
    take(std::move(first));
    return;
  }
  push(*gradient.result);
  ++round_;
  while (!over_ && !all_recent()) {
    take(lines_.await(lines_.answers()));
  }
}

bool ShardWorker::all_recent() const {
  return std::all_of(read_.begin(), read_.end(),
                     [&](std::uint64_t read) { return round_ - read <= consistency_.bound; });
}

void ShardWorker::await_all() {
  for (std::vector<Expected> awaited = lines_.answers(); !awaited.empty();) {
    First answer = lines_.await(awaited);
    if (is_mine(answer.message)) {
      awaited.erase(awaited.begin() + static_cast<std::ptrdiff_t>(answer.index));
      take(std::move(answer));
    }
  }
}

void ShardWorker::join() {
  for (std::size_t server = 0; server < parts_.size(); ++server) {
    Message wish = envelope();
    wish.scalar = static_cast<double>(request_);
    lines_.tell(server, shard::kJoin, std::move(wish));
  }
  await_all();
  join_shards();
  communicator_.observer().recovered({}, communicator_.now());
}

void ShardWorker::work_until_told() {
  const bool again = consistency_.answer == Consistency::Answer::none;
  bool told = false;
  for (bool working = true; working && !told;) {
    const GradientUnderWay gradient = learner_.begin_gradient(x_);
    First first;
    do {
      first = communicator_.first(std::span(&gradient.task, 1), lines_.answers());
    } while (first.what == First::What::message && !is_news(first.message));
    if (first.what == First::What::operation) {
      lines_.check_patience(lines_.answers());
      push(*gradient.result);
      working = again;
      told = again && told_before_push_leaves();
    } else {
      communicator_.cancel(gradient.task);
      communicator_.observer().wasted(communicator_.now());
      take(std::move(first));
      told = true;
    }
  }
  while (!over_ && !told) {
    First answer = lines_.await(lines_.answers());
    told = is_news(answer.message);
    if (told) {
      take(std::move(answer));
    }
  }
  await_one_round();
}

/// Where a server has fallen behind, because it has begun anew, gradients of the parameters that are here help it on.
void ShardWorker::await_one_round() {
  while (!over_ && !of_one_round()) {
    std::optional<First> answer = lines_.await_once(lines_.answers());
    if (!answer) {
      return;
    }
    if (is_news(answer->message)) {
      take(std::move(*answer));
    }
  }
}

bool ShardWorker::told_before_push_leaves() {
  bool told = false;
  while (!pushes_.empty() && !told) {
    First first = communicator_.first(pushes_, lines_.answers(), lines_.deadline());
    if (first.what == First::What::deadline) {
      lines_.check_patience(lines_.answers());
    }
    told = first.what == First::What::message && is_news(first.message);
    if (told) {
      take(std::move(first));
    } else if (first.what == First::What::operation) {
      pushes_.erase(pushes_.begin() + static_cast<std::ptrdiff_t>(first.index));
    }
  }
  pushes_.clear();
  return told;
}

void ShardWorker::push(const Snapshot& gradient) {
  ++request_;
  for (std::size_t server = 0; server < parts_.size(); ++server) {
    push_piece(server, parts_[server].begin, gradient.slice(parts_[server].begin, parts_[server].count));
  }
  if (consistency_.answer != Consistency::Answer::none) {
    pushes_.clear();
  }
}

void ShardWorker::push_buckets() {
  const std::vector<Bucket> buckets = learner_.buckets(*consistency_.bucket_bytes);
  learner_.gradient_by_buckets(x_, buckets, [&](const Bucket& bucket, const Snapshot& gradient) {
    for (std::size_t server = 0; server < parts_.size(); ++server) {
      for (const Part& piece : pieces_in(parts_[server], std::span(&bucket, 1))) {
        push_piece(server, piece.begin, gradient.slice(piece.begin - bucket.where.begin, piece.count));
      }
    }
  });
  pushes_.clear();
}

void ShardWorker::push_piece(std::size_t server, std::size_t begin, Snapshot piece) {
  Message push;
  push.note = versions_[server];
  push.scalar = learner_.balance().adapts() ? learner_.seconds_per_sample() : static_cast<double>(request_);
  const Part part{begin, piece.size()};
  encoder_.put(push, std::move(piece), part);
  pushes_.push_back(lines_.tell(server, shard::kPush, std::move(push)));
}

bool ShardWorker::is_news(const Message& answer) {
  const std::size_t server = lines_.server_of(answer.source);
  lines_.heard(server);
  return answer.payload.empty() || answer.note > versions_[server];
}

bool ShardWorker::is_mine(const Message& answer) const {
  return !recovery_.tolerates_losses() || answer.payload.empty() ||
         static_cast<std::uint64_t>(answer.scalar) == request_;
}

void ShardWorker::take(First answer) {
  const std::size_t server = lines_.server_of(answer.message.source);
  lines_.heard(server);
  versions_[server] = answer.message.note;
  shards_[server] = std::move(answer.message.payload);
  const bool says_over = shards_[server].empty();
  news_ = true;
  over_ = over_ || says_over;
  if (consistency_.reads_when_stale) {
    read_[server] = static_cast<std::uint64_t>(answer.message.scalar);
  } else if (!recovery_.tolerates_losses()) {
    learner_.take_batch(static_cast<std::size_t>(answer.message.scalar));
  } else if (says_over) {
    lines_.leave(server);
  }
}

bool ShardWorker::of_one_round() const {
  return std::all_of(versions_.begin(), versions_.end(), [&](std::int64_t v) { return v == versions_.front(); });
}

void ShardWorker::join_shards() {
  if (!over_ && std::exchange(news_, false)) {
    x_ = consistency_.synchronous ? learner_.join_replica(shards_) : descent::join(shards_);
    if (!keeps_shards()) {
      shards_.assign(versions_.size(), {});
    }
  }
}

}  // namespace descent
