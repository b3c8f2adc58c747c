#include "algorithms/strategies/federation.hpp"

#include "algorithms/strategies/encoder.hpp"

#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace descent {
namespace {

/// What both servers do.
class Server {
 public:
  Server(const Federation& federation, Communicator& communicator, Learner& learner)
      : federation_(federation),
        communicator_(communicator),
        learner_(learner),
        workers_(static_cast<std::size_t>(federation.cast.workers)),
        state_(federation.server_state(learner)) {
    communicator.observer().initial({}, state_.parameters, communicator.now());
  }

 protected:
  bool over() { return learner_.stop().met(progress_, communicator_); }

  void send(int client, Tag tag, const Snapshot& vector) {
    Message message;
    message.note = static_cast<std::int64_t>(progress_.iterations);
    message.payload = vector;
    message.wire_bytes = vector.empty() ? control_bytes : learner_.wire_bytes(0, vector.size());
    communicator_.send(client, tag, std::move(message));
  }

  Snapshot decode(Snapshot payload) {
    return decoded(federation_.compressor.get(), learner_, std::move(payload), {0, learner_.problem().parameters()});
  }

  /// Moves along the combination of differences.
  void update(std::vector<WeightedVector> differences, double samples, std::vector<std::uint64_t> staleness) {
    const Learner::Rule rule{federation_.server, federation_.server_rate};
    Snapshot mean = learner_.combine(std::move(differences));
    state_ = learner_.update_replica(rule, std::move(state_), std::move(mean), progress_.iterations);
    progress_.count(static_cast<std::uint64_t>(std::llround(samples)));
    communicator_.observer().updated(
        {progress_.iterations, progress_.samples, std::move(staleness), {}, state_.parameters}, communicator_.now());
  }

  /// `count` of the clients, in ascending order.
  std::vector<int> draw(std::vector<int> clients, std::size_t count) {
    RandomStream random = communicator_.random(Purpose::client, draws_++);
    for (std::size_t i = 0; i < count; ++i) {
      std::swap(clients[i],
                clients[boost::random::uniform_int_distribution<std::size_t>(i, clients.size() - 1)(random)]);
    }
    clients.resize(count);
    std::sort(clients.begin(), clients.end());
    return clients;
  }

  std::vector<int> everybody() const {
    std::vector<int> clients(workers_);
    std::iota(clients.begin(), clients.end(), 0);
    return clients;
  }

  void finish() {
    for (const int client : everybody()) {
      send(client, federation::kModel, {});
    }
    communicator_.observer().finished({}, state_.parameters, communicator_.now());
  }

  const Federation& federation_;
  Communicator& communicator_;
  Learner& learner_;
  std::size_t workers_;
  OptimizerState state_;
  Progress progress_;
  std::uint64_t draws_ = 0;
};

class RoundServer final : public Server {
 public:
  using Server::Server;

  void run() {
    const bool controls = federation_.control_variates;
    Snapshot control = controls ? learner_.zeros() : Snapshot();
    while (!over()) {
      const std::vector<int> clients = draw(everybody(), federation_.clients_at_once());
      for (const int client : clients) {
        send(client, federation::kModel, state_.parameters);
        if (controls) {
          send(client, federation::kControl, control);
        }
      }
      double samples = 0;
      std::vector<WeightedVector> differences = gather(clients, federation::kDifference, samples);
      if (controls) {
        double ignored = 0;
        std::vector<WeightedVector> moved = gather(clients, federation::kControlDifference, ignored);
        for (WeightedVector& one : moved) {
          one.weight = 1 / static_cast<double>(workers_);
        }
        moved.insert(moved.begin(), {1, std::move(control)});
        control = learner_.combine(std::move(moved));
      }
      update(std::move(differences), samples, {0});
    }
    finish();
  }

 private:
  /// What the clients send, in their order, each with the weight that it has in the mean: its part of the data, or
  /// where there are control variates, or no data, the same for all.
  std::vector<WeightedVector> gather(const std::vector<int>& clients, Tag tag, double& samples) {
    std::vector<WeightedVector> all(clients.size());
    double weights = 0;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      Message message = communicator_.receive(any_rank, tag);
      const auto place = std::lower_bound(clients.begin(), clients.end(), message.source);
      const double weight = weight_of(message.source);
      weights += weight;
      samples += message.scalar;
      all[static_cast<std::size_t>(place - clients.begin())] = {weight, decode(std::move(message.payload))};
    }
    for (WeightedVector& one : all) {
      one.weight /= weights;
    }
    return all;
  }

  double weight_of(int client) const {
    const auto samples = learner_.samples_of(static_cast<std::size_t>(client), workers_);
    return federation_.control_variates || samples == 0 ? 1 : static_cast<double>(samples);
  }
};

class BufferServer final : public Server {
 public:
  using Server::Server;

  void run() {
    std::vector<int> idle = everybody();
    hire(idle, federation_.clients_at_once());
    std::vector<WeightedVector> buffer;
    std::vector<std::uint64_t> staleness;
    double samples = 0;
    const auto size = static_cast<double>(*federation_.buffer);
    while (!over()) {
      Message message = communicator_.receive(any_rank, federation::kDifference);
      staleness.push_back(progress_.iterations - static_cast<std::uint64_t>(message.note));
      const double age = 1 + static_cast<double>(staleness.back());
      buffer.push_back({1 / (size * std::sqrt(age)), decode(std::move(message.payload))});
      samples += message.scalar;
      if (buffer.size() == *federation_.buffer) {
        update(std::exchange(buffer, {}), std::exchange(samples, 0), std::exchange(staleness, {}));
      }
      idle.push_back(message.source);
      if (!over()) {
        hire(idle, 1);
      }
    }
    finish();
  }

 private:
  void hire(std::vector<int>& idle, std::size_t count) {
    std::sort(idle.begin(), idle.end());
    for (const int client : draw(idle, count)) {
      std::erase(idle, client);
      send(client, federation::kModel, state_.parameters);
    }
  }
};

}  // namespace

void run_rounds(const Federation& federation, Communicator& communicator, Learner& learner) {
  RoundServer(federation, communicator, learner).run();
}

void run_buffer(const Federation& federation, Communicator& communicator, Learner& learner) {
  BufferServer(federation, communicator, learner).run();
}

}  // namespace descent
