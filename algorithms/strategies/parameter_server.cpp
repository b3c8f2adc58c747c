#include "algorithms/strategies/parameter_server.hpp"

#include "algorithms/strategies/ordered_sum.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace descent {
namespace {

/// Pushes carry the version that the gradient was computed on, answers the version of the parameters. A worker
/// that has been told to stop takes leave of the servers that have not told it.
enum : Tag { kPush, kAnswer, kLeave };

/// One server: its shard of the parameters and what it knows of the workers.
class Server {
 public:
  Server(Cast cast, const Consistency& consistency, Communicator& communicator, Learner& learner)
      : cast_(cast),
        consistency_(consistency),
        communicator_(communicator),
        learner_(learner),
        leads_(communicator.rank() == cast.server_rank(0)),
        workers_(static_cast<std::size_t>(cast.workers)),
        round_(workers_.size(), communicator) {
    const Snapshot x = learner.initial_parameters();
    shard_ = part_of(x.size(), static_cast<std::size_t>(cast.servers),
                     static_cast<std::size_t>(communicator.rank() - cast.workers));
    state_ = learner.initial_state(x.slice(shard_.begin, shard_.count));
    communicator.observer().initial(shard_.begin, state_.parameters, communicator.now());
    present_ = workers_.size();
    over_ = leads_ && learner.stop().met(progress_, communicator);
  }

  void run() {
    constexpr Expected kAwaited[] = {{any_rank, kPush}, {any_rank, kLeave}};
    while (present_ > 0) {
      Message message = communicator_.first({}, kAwaited).message;
      const auto worker = static_cast<std::size_t>(message.source);
      if (message.tag == kLeave) {
        dismiss(worker);
      } else {
        workers_[worker].rounds += 1;
        unanswered_.push_back(worker);
        if (!over_) {
          apply(worker, std::move(message));
        }
      }
      answer();
    }
    communicator_.observer().finished(shard_.begin, state_.parameters, communicator_.now());
  }

 private:
  struct Worker {
    bool present = true;
    /// Gradients pushed: the worker's clock.
    std::uint64_t rounds = 0;
  };

  void apply(std::size_t worker, Message push) {
    const std::uint64_t staleness = progress_.iterations - static_cast<std::uint64_t>(push.note);
    Snapshot gradient;
    std::uint64_t samples = learner_.batch();
    if (consistency_.by_round) {
      round_.add(worker, std::move(push.payload));
      if (!round_.complete()) {
        return;
      }
      gradient = round_.take(weight());
      samples *= workers_.size();
    } else {
      Buffer weighted = Buffer::from(std::move(push.payload));
      weighted.scale(weight());
      gradient = std::move(weighted).freeze();
    }
    // The schedule counts rounds where a gradient is a P-th of one.
    const std::uint64_t step = consistency_.shares_step ? progress_.iterations / workers_.size() : progress_.iterations;
    state_ = learner_.update(std::move(state_), std::move(gradient), step);
    progress_.count(samples);
    communicator_.observer().updated(
        {progress_.iterations, progress_.samples, staleness, shard_.begin, state_.parameters}, communicator_.now());
    over_ = leads_ && learner_.stop().met(progress_, communicator_);
  }

  double weight() const {
    const bool whole = !consistency_.by_round && !consistency_.shares_step;
    return whole ? 1.0 : 1.0 / static_cast<double>(workers_.size());
  }

  void answer() {
    const bool unbounded = consistency_.bound == Consistency::unbounded;
    const std::uint64_t slowest = unbounded ? 0 : slowest_round();
    std::erase_if(unanswered_, [&](std::size_t worker) {
      if (over_) {
        send(worker, {}, control_bytes);
        dismiss(worker);
        return true;
      }
      if (unbounded || workers_[worker].rounds - slowest <= consistency_.bound) {
        send(worker, state_.parameters, learner_.wire_bytes(shard_.begin, shard_.count));
        return true;
      }
      return false;
    });
  }

  void send(std::size_t worker, Snapshot parameters, std::uint64_t wire_bytes) {
    Message answer;
    answer.note = static_cast<std::int64_t>(progress_.iterations);
    answer.payload = std::move(parameters);
    answer.wire_bytes = wire_bytes;
    communicator_.send(static_cast<int>(worker), kAnswer, std::move(answer));
  }

  void dismiss(std::size_t worker) {
    if (std::exchange(workers_[worker].present, false)) {
      --present_;
    }
  }

  std::uint64_t slowest_round() const {
    std::uint64_t slowest = Consistency::unbounded;
    for (const Worker& worker : workers_) {
      if (worker.present) {
        slowest = std::min(slowest, worker.rounds);
      }
    }
    return slowest;
  }

  Cast cast_;
  const Consistency& consistency_;
  Communicator& communicator_;
  Learner& learner_;
  bool leads_;
  std::vector<Worker> workers_;
  std::vector<std::size_t> unanswered_;
  std::size_t present_ = 0;
  OrderedSum round_;
  Part shard_{};
  OptimizerState state_;
  Progress progress_;
  bool over_ = false;
};

}  // namespace

void ParameterServer::run(Communicator& communicator, Learner& learner) const {
  if (cast_.is_worker(communicator.rank())) {
    work(communicator, learner);
  } else {
    Server(cast_, consistency_, communicator, learner).run();
  }
}

/// Where each gradient makes an update, each worker has a version of the parameters to itself.
double ParameterServer::vectors(std::size_t slots) const {
  return Strategy::vectors(slots) + (consistency_.by_round ? 0 : cast_.workers);
}

void ParameterServer::work(Communicator& communicator, Learner& learner) const {
  const auto servers = static_cast<std::size_t>(cast_.servers);
  Snapshot x = learner.initial_parameters();
  std::vector<std::int64_t> versions(servers, 0);
  std::vector<Expected> answers;
  answers.reserve(servers);
  for (int server = 0; server < cast_.servers; ++server) {
    answers.push_back({cast_.server_rank(server), kAnswer});
  }
  for (;;) {
    Snapshot gradient = consistency_.by_round ? learner.gradient_to_sum(x, servers) : learner.gradient(x);
    for (std::size_t server = 0; server < servers; ++server) {
      const Part shard = part_of(x.size(), servers, server);
      Message push;
      push.note = versions[server];
      push.payload = gradient.slice(shard.begin, shard.count);
      push.wire_bytes = learner.wire_bytes(shard.begin, shard.count);
      communicator.send(cast_.server_rank(static_cast<int>(server)), kPush, std::move(push));
    }
    gradient = {};
    std::vector<Snapshot> shards(servers);
    std::vector<Expected> awaited = answers;
    bool over = false;
    while (!awaited.empty()) {
      First answer = communicator.first({}, awaited);
      const auto server = static_cast<std::size_t>(answer.message.source - cast_.workers);
      awaited.erase(awaited.begin() + static_cast<std::ptrdiff_t>(answer.index));
      over = over || answer.message.payload.empty();
      versions[server] = answer.message.note;
      shards[server] = std::move(answer.message.payload);
    }
    if (over) {
      break;
    }
    x = consistency_.by_round ? learner.join_replica(shards) : join(shards);
  }
  for (int server = 1; server < cast_.servers; ++server) {
    Message leave;
    leave.wire_bytes = control_bytes;
    communicator.send(cast_.server_rank(server), kLeave, std::move(leave));
  }
}

}  // namespace descent
