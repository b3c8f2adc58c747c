#include "algorithms/strategies/federation_server.hpp"

#include <algorithm>
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

}  // namespace

void run_rounds(const Federation& federation, Communicator& communicator, Learner& learner) {
  RoundServer(federation, communicator, learner).run();
}

}  // namespace descent
