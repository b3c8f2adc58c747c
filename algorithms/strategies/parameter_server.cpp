#include "algorithms/strategies/parameter_server.hpp"

#include "algorithms/strategies/encoder.hpp"
#include "algorithms/strategies/shard_server.hpp"

#include "algorithms/core/error.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace descent {
namespace {

/// One worker: what it knows of the servers.
class ShardWorker {
 public:
  ShardWorker(Cast cast, const Consistency& consistency, const std::shared_ptr<const Compressor>& compressor,
              Communicator& communicator, Learner& learner)
      : cast_(cast),
        consistency_(consistency),
        communicator_(communicator),
        learner_(learner),
        compresses_(compressor != nullptr),
        encoder_(compressor, communicator, learner),
        versions_(static_cast<std::size_t>(cast.servers), 0),
        shards_(versions_.size()),
        x_(learner.initial_parameters()) {
    for (int server = 0; server < cast.servers; ++server) {
      answers_.push_back({cast.server_rank(server), shard::kAnswer});
    }
  }

  void run() {
    while (!over_) {
      if (consistency_.restarts) {
        work_until_told();
      } else {
        if (consistency_.bucket_bytes) {
          push_buckets();
        } else {
          const bool summed = consistency_.gradients > 1 && !consistency_.corrects() && !compresses_;
          push(summed ? learner_.gradient_to_sum(x_, versions_.size()) : learner_.gradient(x_));
        }
        await_all(answers_);
      }
    }
    for (int server = 1; server < cast_.servers; ++server) {
      Message leave;
      leave.wire_bytes = control_bytes;
      communicator_.send(cast_.server_rank(server), shard::kLeave, std::move(leave));
    }
  }

 private:
  /// Computes on the same parameters until a server has newer ones, which ends the computation.
  void work_until_told() {
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
    join_shards();
  }

  /// A push leaves before the next one, so that computations that take no time do not push without end. Whether a
  /// server has newer parameters meanwhile.
  bool told_before_push_leaves() {
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

  /// A piece of the gradient, from element `begin` on, to the server whose shard it is in.
  void push_piece(std::size_t server, std::size_t begin, Snapshot piece) {
    Message push;
    push.note = versions_[server];
    const Part part{begin, piece.size()};
    encoder_.put(push, std::move(piece), part);
    pushes_.push_back(communicator_.send(cast_.server_rank(static_cast<int>(server)), shard::kPush, std::move(push)));
  }

  void push_buckets() {
    const std::vector<Bucket> buckets = learner_.buckets(*consistency_.bucket_bytes);
    learner_.gradient_by_buckets(x_, buckets, [&](const Bucket& bucket, const Snapshot& gradient) {
      for (std::size_t server = 0; server < versions_.size(); ++server) {
        const Part shard = part_of(x_.size(), versions_.size(), server);
        for (const Part& piece : pieces_in(shard, std::span(&bucket, 1))) {
          push_piece(server, piece.begin, gradient.slice(piece.begin - bucket.where.begin, piece.count));
        }
      }
    });
    pushes_.clear();
  }

  void push(Snapshot gradient) {
    for (std::size_t server = 0; server < versions_.size(); ++server) {
      const Part part = part_of(x_.size(), versions_.size(), server);
      push_piece(server, part.begin, gradient.slice(part.begin, part.count));
    }
    if (consistency_.answer != Consistency::Answer::none) {
      pushes_.clear();
    }
  }

  /// One answer of each server.
  void await_all(std::vector<Expected> awaited) {
    while (!awaited.empty()) {
      First answer = communicator_.first({}, awaited);
      awaited.erase(awaited.begin() + static_cast<std::ptrdiff_t>(answer.index));
      take(std::move(answer));
    }
    join_shards();
  }

  void take(First answer) {
    const auto server = static_cast<std::size_t>(answer.message.source - cast_.workers);
    over_ = over_ || answer.message.payload.empty();
    versions_[server] = answer.message.note;
    shards_[server] = std::move(answer.message.payload);
  }

  bool of_one_round() const {
    return std::all_of(versions_.begin(), versions_.end(), [&](std::int64_t v) { return v == versions_.front(); });
  }

  void join_shards() {
    if (!over_) {
      x_ = consistency_.synchronous ? learner_.join_replica(shards_) : join(shards_);
      shards_.assign(versions_.size(), {});
    }
  }

  Cast cast_;
  const Consistency& consistency_;
  Communicator& communicator_;
  Learner& learner_;
  bool compresses_;
  Encoder encoder_;
  std::vector<Expected> answers_;
  /// By server.
  std::vector<std::int64_t> versions_;
  std::vector<Snapshot> shards_;
  std::vector<Request> pushes_;
  Snapshot x_;
  bool over_ = false;
};

}  // namespace

void ParameterServer::run(Communicator& communicator, Learner& learner) const {
  if (cast_.is_worker(communicator.rank())) {
    ShardWorker(cast_, consistency_, compressor_, communicator, learner).run();
  } else {
    ShardServer(cast_, consistency_, compressor_, communicator, learner).run();
  }
}

/// Where gradients may be stale, each worker has a version of the parameters to itself.
double ParameterServer::vectors(std::size_t slots) const {
  const auto remembered = compressor_ ? static_cast<double>(compressor_->state_vectors()) : 0;
  return Strategy::vectors(slots) + cast_.workers * ((consistency_.synchronous ? 0 : 1) + remembered);
}

std::vector<std::string> ParameterServer::faults(const Problem& problem) const {
  if (!compressor_) {
    return {};
  }
  if (consistency_.bucket_bytes) {
    return {"<compression> encodes a shard's gradient as a whole; allowed: no bucket"};
  }
  std::vector<Part> shards;
  shards.reserve(static_cast<std::size_t>(cast_.servers));
  for (int server = 0; server < cast_.servers; ++server) {
    shards.push_back(
        part_of(problem.parameters(), static_cast<std::size_t>(cast_.servers), static_cast<std::size_t>(server)));
  }
  try {
    compressor_->check(shards);
  } catch (const InputError& error) {
    return {error.what()};
  }
  return {};
}

}  // namespace descent
