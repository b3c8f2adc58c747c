#include "algorithms/strategies/shard_worker.hpp"

#include "algorithms/strategies/shard_server.hpp"

#include <algorithm>
#include <utility>

namespace descent {

ShardWorker::ShardWorker(Cast cast, const Consistency& consistency, const std::shared_ptr<const Compressor>& compressor,
                         Communicator& communicator, Learner& learner)
    : cast_(cast),
      consistency_(consistency),
      communicator_(communicator),
      learner_(learner),
      compresses_(compressor != nullptr),
      encoder_(compressor, communicator, learner),
      parts_(shards_of(learner.problem().parameters(), cast)),
      versions_(parts_.size(), 0),
      shards_(parts_.size()),
      x_(learner.initial_parameters()) {
  for (int server = 0; server < cast.servers; ++server) {
    answers_.push_back({cast.server_rank(server), shard::kAnswer});
  }
}

void ShardWorker::run() {
  while (!over_) {
    if (consistency_.restarts) {
      work_until_told();
    } else {
      work_until_answered();
    }
    join_shards();
  }
  for (int server = 1; server < cast_.servers; ++server) {
    communicator_.send(cast_.server_rank(server), shard::kLeave, envelope());
  }
}

void ShardWorker::work_until_answered() {
  if (consistency_.bucket_bytes) {
    push_buckets();
  } else {
    const bool summed = consistency_.gradients > 1 && !consistency_.corrects() && !compresses_;
    push(summed ? learner_.gradient_to_sum(x_, versions_.size()) : learner_.gradient(x_));
  }
  for (std::vector<Expected> awaited = answers_; !awaited.empty();) {
    First answer = communicator_.first({}, awaited);
    awaited.erase(awaited.begin() + static_cast<std::ptrdiff_t>(answer.index));
    take(std::move(answer));
  }
}

void ShardWorker::work_until_told() {
  const bool again = consistency_.answer == Consistency::Answer::none;
  bool told = false;
  for (bool working = true; working && !told;) {
    const GradientUnderWay gradient = learner_.begin_gradient(x_);
    First first = communicator_.first(std::span(&gradient.task, 1), answers_);
    if (first.what == First::What::operation) {
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
  // All servers' parameters are to be of the newest round that one of them has told of.
  while (!over_ && !(told && of_one_round())) {
    take(communicator_.first({}, answers_));
    told = true;
  }
}

bool ShardWorker::told_before_push_leaves() {
  bool told = false;
  while (!pushes_.empty() && !told) {
    First first = communicator_.first(pushes_, answers_);
    told = first.what == First::What::message;
    if (told) {
      take(std::move(first));
    } else {
      pushes_.erase(pushes_.begin() + static_cast<std::ptrdiff_t>(first.index));
    }
  }
  pushes_.clear();
  return told;
}

void ShardWorker::push(const Snapshot& gradient) {
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
  const Part part{begin, piece.size()};
  encoder_.put(push, std::move(piece), part);
  pushes_.push_back(communicator_.send(cast_.server_rank(static_cast<int>(server)), shard::kPush, std::move(push)));
}

void ShardWorker::take(First answer) {
  const auto server = static_cast<std::size_t>(answer.message.source - cast_.workers);
  over_ = over_ || answer.message.payload.empty();
  versions_[server] = answer.message.note;
  shards_[server] = std::move(answer.message.payload);
}

bool ShardWorker::of_one_round() const {
  return std::all_of(versions_.begin(), versions_.end(), [&](std::int64_t v) { return v == versions_.front(); });
}

void ShardWorker::join_shards() {
  if (!over_) {
    x_ = consistency_.synchronous ? learner_.join_replica(shards_) : join(shards_);
    shards_.assign(versions_.size(), {});
  }
}

}  // namespace descent
