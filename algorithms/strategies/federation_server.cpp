#include "algorithms/strategies/federation_server.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/recovery/request_number.hpp"

#include <fmt/format.h>
#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace descent {
FederationServer::FederationServer(const Federation& federation, Communicator& communicator, Learner& learner)
    : federation_(federation),
      communicator_(communicator),
      learner_(learner),
      workers_(static_cast<std::size_t>(federation.cast.workers)),
      state_(federation.server.initial(learner.initial_parameters())),
      report_(communicator),
      checkpoints_(federation.recovery, communicator, learner.bytes_per_parameter()),
      roster_(federation.recovery, workers_, "client", communicator.now()),
      told_(workers_),
      heard_(communicator.now()),
      counted_(heard_),
      draws_(request_number(communicator.life(), 0)) {
  if (communicator.life() == 0) {
    report_.initial(state_.parameters);
  } else {
    restore();
  }
}

void FederationServer::restore() {
  if (!federation_.recovery.checkpoints()) {
    throw RunError(
        fmt::format("server {} lost its parameters as its host went off; <recovery> with checkpoints would bring them "
                    "back",
                    communicator_.rank()));
  }
  if (std::optional<Checkpoint> newest = checkpoints_.newest()) {
    state_ = std::move(newest->state);
    report_.resume({newest->iterations, newest->samples});
  }
  report_.restored();
}

void FederationServer::send(int client, Tag tag, const Snapshot& vector, double scalar) {
  Message message = learner_.message(vector);
  message.note = static_cast<std::int64_t>(draws_);
  message.scalar = scalar;
  communicator_.send(client, tag, std::move(message));
}

void FederationServer::await(int client) {
  told_[static_cast<std::size_t>(client)] = communicator_.now();
  await_further(client);
}

void FederationServer::update(std::vector<WeightedVector> differences, double samples,
                              std::vector<std::uint64_t> staleness) {
  const Learner::Rule rule{federation_.server.optimizer, federation_.server.rate};
  Snapshot mean = learner_.combine(std::move(differences));
  state_ = learner_.update_replica(rule, std::move(state_), std::move(mean), report_.iterations());
  report_.updated(state_.parameters, static_cast<std::uint64_t>(std::llround(samples)), std::move(staleness));
  checkpoints_.offer(state_, report_.iterations(), report_.progress().samples);
}

std::vector<int> FederationServer::draw(std::vector<int> clients, std::size_t count) {
  RandomStream random = communicator_.random(Purpose::client, draws_++);
  count = std::min(count, clients.size());
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(clients[i], clients[boost::random::uniform_int_distribution<std::size_t>(i, clients.size() - 1)(random)]);
  }
  clients.resize(count);
  std::sort(clients.begin(), clients.end());
  return clients;
}

std::vector<int> FederationServer::present() const {
  std::vector<int> clients;
  for (std::size_t client = 0; client < workers_; ++client) {
    if (roster_.present(client)) {
      clients.push_back(static_cast<int>(client));
    }
  }
  return clients;
}

FederationServer::Event FederationServer::next(const std::vector<Tag>& tags) {
  std::vector<Expected> awaited;
  awaited.reserve(tags.size() + 1);
  for (const Tag tag : tags) {
    awaited.push_back({any_rank, tag});
  }
  awaited.push_back({any_rank, federation::kHere});
  // Once to hear of somebody, and once to hear something that counts.
  const double end_of_patience = counted_ + 2 * federation_.recovery.give_up_s;
  if (heard_ >= end_of_patience) {
    throw GaveUp(fmt::format(
        "no answer of a client has counted since {:.9g} s; if none fails, <recovery> timeout is too short for them",
        counted_));
  }
  First first = communicator_.first({}, awaited, std::min(roster_.deadline(), end_of_patience));
  Event event;
  const double now = communicator_.now();
  heard_ = now;
  if (first.what == First::What::deadline) {
    for (const std::size_t client : roster_.missed(now)) {
      event.gone.push_back(static_cast<int>(client));
    }
    if (!event.gone.empty()) {
      communicator_.observer().recovered({.lost_peers = static_cast<int>(event.gone.size())}, now);
    }
    return event;
  }
  const int client = first.message.source;
  if (roster_.heard(static_cast<std::size_t>(client), now)) {
    event.returned = client;
    communicator_.observer().recovered({.returned_peers = 1}, now);
  }
  if (first.message.tag == federation::kHere) {
    communicator_.send(client, federation::kHereToo, envelope());
    if (first.message.sent_at >= told_[static_cast<std::size_t>(client)]) {
      event.gone.push_back(client);
    } else {
      await_further(client);  // It could not know yet.
    }
  } else {
    event.message = std::move(first.message);
  }
  return event;
}

void FederationServer::finish() {
  for (int client = 0; client < federation_.cast.workers; ++client) {
    tell_over(client);
  }
  if (federation_.recovery.tolerates_losses()) {
    linger();
  }
  report_.finished(state_.parameters);
}

/// Who is at work finds the end when it is through, and what it has made then is not taken; who asks has not been told.
void FederationServer::linger() {
  for (const int client : present()) {
    await_further(client);
  }
  constexpr Expected kAwaited[] = {{any_rank, federation::kLeave}, {any_rank, federation::kHere}};
  while (roster_.present() > 0) {
    const First first = communicator_.first({}, kAwaited, roster_.deadline());
    if (first.what == First::What::deadline) {
      roster_.missed(communicator_.now());
      continue;
    }
    const int client = first.message.source;
    if (first.message.tag == federation::kLeave) {
      roster_.dismiss(static_cast<std::size_t>(client));
    } else {
      roster_.heard(static_cast<std::size_t>(client), communicator_.now());
      await_further(client);
      tell_over(client);
    }
  }
}

}  // namespace descent
