#include "algorithms/strategies/federation_server.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace descent {
namespace {

class BufferServer final : public FederationServer {
 public:
  using FederationServer::FederationServer;

  void run() {
    std::vector<int> idle = everybody();
    hire(idle, federation_.clients_at_once());
    std::vector<WeightedVector> buffer;
    std::vector<std::uint64_t> staleness;
    double samples = 0;
    const auto size = static_cast<double>(*federation_.buffer);
    while (!over()) {
      Message message = communicator_.receive(any_rank, federation::kDifference);
      staleness.push_back(report_.iterations() - static_cast<std::uint64_t>(message.note));
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

void run_buffer(const Federation& federation, Communicator& communicator, Learner& learner) {
  BufferServer(federation, communicator, learner).run();
}

}  // namespace descent
