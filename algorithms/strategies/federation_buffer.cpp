#include "algorithms/strategies/federation_server.hpp"

#include <cmath>
#include <map>
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
      if (event.message && is_at(*event.message)) {
        Message& message = *event.message;
        const Work work = at_work_.extract(message.source).mapped();
        staleness.push_back(report_.iterations() - work.version);
        const double age = 1 + static_cast<double>(staleness.back());
        buffer.push_back({1 / (size * std::sqrt(age)), decode(std::move(message.payload))});
        samples += message.scalar;
      } else if (event.message) {
        communicator_.observer().wasted(communicator_.now());
        if (at_work_.contains(event.message->source)) {
          await_further(event.message->source);
        }
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
  struct Work {
    std::uint64_t draw = 0;
    /// Of the parameters that it began at.
    std::uint64_t version = 0;
  };

  /// A client may have been taken for lost and given something else to do meanwhile.
  bool is_at(const Message& difference) const {
    const auto found = at_work_.find(difference.source);
    return found != at_work_.end() && found->second.draw == static_cast<std::uint64_t>(difference.note);
  }

  /// As many clients as are to be at work at once, of those that are there.
  void hire() {
    std::vector<int> idle = present();
    std::erase_if(idle, [&](int client) { return at_work_.contains(client); });
    const std::size_t wanted = federation_.clients_at_once();
    if (idle.empty() || at_work_.size() >= wanted) {
      return;
    }
    for (const int client : draw(std::move(idle), wanted - at_work_.size())) {
      at_work_[client] = {newest_draw(), report_.iterations()};
      send_model(client);
      await(client);
    }
  }

  std::map<int, Work> at_work_;
};

}  // namespace

void run_buffer(const Federation& federation, Communicator& communicator, Learner& learner) {
  BufferServer(federation, communicator, learner).run();
}

}  // namespace descent
