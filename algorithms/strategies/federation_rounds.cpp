#include "algorithms/strategies/federation_server.hpp"

#include <map>
#include <set>
#include <utility>

namespace descent {
namespace {

class RoundServer final : public FederationServer {
 public:
  using FederationServer::FederationServer;

  void run() {
    const bool controls = federation_.control_variates;
    Snapshot control = controls ? learner_.zeros() : Snapshot();
    while (!over()) {
      const std::vector<int> clients = draw(present(), federation_.clients_at_once());
      for (const int client : clients) {
        send(client, federation::kModel, state_.parameters);
        if (controls) {
          send(client, federation::kControl, control);
        }
        await(client);
      }
      std::map<int, Answer> answers = gather(clients);
      if (answers.empty()) {
        continue;
      }
      double samples = 0;
      double weights = 0;
      std::vector<WeightedVector> differences;
      std::vector<WeightedVector> moved{{1, control}};
      for (auto& [client, answer] : answers) {
        weights += weight_of(client);
        samples += answer.difference.scalar;
        differences.push_back({weight_of(client), decode(std::move(answer.difference.payload))});
        if (controls) {
          moved.push_back({1 / static_cast<double>(workers_), decode(std::move(answer.control.payload))});
        }
      }
      for (WeightedVector& one : differences) {
        one.weight /= weights;
      }
      if (controls) {
        control = learner_.combine(std::move(moved));
      }
      update(std::move(differences), samples, {0});
    }
    finish();
  }

 private:
  struct Answer {
    Message difference;
    Message control;
  };

  /// What the clients make of this round's parameters, those that are lost meanwhile left out. Where nobody is there,
  /// it waits until somebody is.
  std::map<int, Answer> gather(const std::vector<int>& clients) {
    std::map<int, Answer> answers;
    std::set<int> due(clients.begin(), clients.end());
    while (!due.empty() || present().empty()) {
      Event event = next({federation::kControlDifference, federation::kDifference});
      for (const int client : event.gone) {
        if (due.erase(client) > 0) {
          answers.erase(client);
        }
      }
      if (!event.message) {
        continue;
      }
      Message& message = *event.message;
      const int client = message.source;
      if (!due.contains(client) || static_cast<std::uint64_t>(message.note) != report_.iterations()) {
        if (message.tag == federation::kDifference) {
          communicator_.observer().wasted(communicator_.now());
        }
      } else if (message.tag == federation::kControlDifference) {
        answers[client].control = std::move(message);
        await(client);
      } else {
        answers[client].difference = std::move(message);
        due.erase(client);
      }
    }
    return answers;
  }

  /// The weight that a client's difference has in the mean: its part of the data, or where there are control variates,
  /// or no data, the same for all.
  double weight_of(int client) const {
    const auto samples = learner_.samples_of(static_cast<std::size_t>(client), workers_);
    return federation_.control_variates || samples == 0 ? 1 : static_cast<double>(samples);
  }
};

}  // namespace

void run_rounds(const Federation& federation, Communicator& communicator, Learner& learner) {
  RoundServer(federation, communicator, learner).run();
}

}  // namespace descent
