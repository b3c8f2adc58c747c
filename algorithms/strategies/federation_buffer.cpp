#include "algorithms/strategies/federation_server.hpp"

#include <cmath>
#include <set>
#include <utility>

namespace descent {
namespace {

class BufferServer final : public FederationServer {
 public:
  using FederationServer::FederationServer;

  void run() {
    hire();
    std::vector<WeightedVector> buffer;
    std::vector<std::uint64_t> staleness;
    double samples = 0;
    const auto size = static_cast<double>(*federation_.buffer);
    while (!over()) {
      Event event = next({federation::kDifference});
      for (const int client : event.gone) {
        at_work_.erase(client);
      }
      if (event.message && at_work_.erase(event.message->source) > 0) {
        Message& message = *event.message;
        staleness.push_back(report_.iterations() - static_cast<std::uint64_t>(message.note));
        const double age = 1 + static_cast<double>(staleness.back());
        buffer.push_back({1 / (size * std::sqrt(age)), decode(std::move(message.payload))});
        samples += message.scalar;
      } else if (event.message) {
        communicator_.observer().wasted(communicator_.now());
      }
      if (buffer.size() == *federation_.buffer) {
        update(std::exchange(buffer, {}), std::exchange(samples, 0), std::exchange(staleness, {}));
      }
      if (!over()) {
        hire();
      }
    }
    finish();
  }

 private:
  /// As many clients as are to be at work at once, of those that are there.
  void hire() {
    std::vector<int> idle = present();
    std::erase_if(idle, [&](int client) { return at_work_.contains(client); });
    const std::size_t wanted = federation_.clients_at_once();
    if (idle.empty() || at_work_.size() >= wanted) {
      return;
    }
    for (const int client : draw(std::move(idle), wanted - at_work_.size())) {
      at_work_.insert(client);
      send(client, federation::kModel, state_.parameters);
      await(client);
    }
  }

  std::set<int> at_work_;
};

}  // namespace

void run_buffer(const Federation& federation, Communicator& communicator, Learner& learner) {
  BufferServer(federation, communicator, learner).run();
}

}  // namespace descent
