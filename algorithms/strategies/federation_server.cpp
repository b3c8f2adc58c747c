#include "algorithms/strategies/federation_server.hpp"

#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace descent {

FederationServer::FederationServer(const Federation& federation, Communicator& communicator, Learner& learner)
    : federation_(federation),
      communicator_(communicator),
      learner_(learner),
      workers_(static_cast<std::size_t>(federation.cast.workers)),
      state_(federation.server.initial(learner.initial_parameters())),
      report_(communicator) {
  report_.initial(state_.parameters);
}

void FederationServer::send(int client, Tag tag, const Snapshot& vector) {
  Message message = learner_.message(vector);
  message.note = static_cast<std::int64_t>(report_.iterations());
  communicator_.send(client, tag, std::move(message));
}

void FederationServer::update(std::vector<WeightedVector> differences, double samples,
                              std::vector<std::uint64_t> staleness) {
  const Learner::Rule rule{federation_.server.optimizer, federation_.server.rate};
  Snapshot mean = learner_.combine(std::move(differences));
  state_ = learner_.update_replica(rule, std::move(state_), std::move(mean), report_.iterations());
  report_.updated(state_.parameters, static_cast<std::uint64_t>(std::llround(samples)), std::move(staleness));
}

std::vector<int> FederationServer::draw(std::vector<int> clients, std::size_t count) {
  RandomStream random = communicator_.random(Purpose::client, draws_++);
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(clients[i], clients[boost::random::uniform_int_distribution<std::size_t>(i, clients.size() - 1)(random)]);
  }
  clients.resize(count);
  std::sort(clients.begin(), clients.end());
  return clients;
}

std::vector<int> FederationServer::everybody() const {
  std::vector<int> clients(workers_);
  std::iota(clients.begin(), clients.end(), 0);
  return clients;
}

void FederationServer::finish() {
  for (const int client : everybody()) {
    send(client, federation::kModel, {});
  }
  report_.finished(state_.parameters);
}

}  // namespace descent
