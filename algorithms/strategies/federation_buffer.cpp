#include "algorithms/strategies/federation_server.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
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
      const std::optional<Work> work = event.message ? answered(*event.message) : std::nullopt;
      if (work) {
        Message& message = *event.message;
        staleness.push_back(report_.iterations() - work->version);
        const double age = 1 + static_cast<double>(staleness.back());
        buffer.push_back({1 / (size * std::sqrt(age)), decode(std::move(message.payload))});
        samples += message.scalar;
      } else if (event.message) {
        communicator_.observer().wasted(communicator_.now());
      }
      if (event.message && at_work_.contains(event.message->source)) {
        await_further(event.message->source);
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

  /// What a client's answer answers; nothing, where this life of the server has not asked. A client that was taken for
  /// lost may have been given something else to do meanwhile, and its late answer is as good as any. Messages to a
  /// client come in order, so that what it was given earlier and has not answered has never come.
  std::optional<Work> answered(const Message& difference) {
    std::deque<Work>& owed = owed_[difference.source];
    const auto found = std::find_if(owed.begin(), owed.end(), [&](const Work& work) {
      return work.draw == static_cast<std::uint64_t>(difference.note);
    });
    if (found == owed.end()) {
      return std::nullopt;
    }
    const Work work = *found;
    owed.erase(owed.begin(), found + 1);
    if (owed.empty()) {
      at_work_.erase(difference.source);
    }
    counts();
    return work;
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
      at_work_.insert(client);
      owed_[client].push_back({newest_draw(), report_.iterations()});
      send_model(client);
      await(client);
    }
  }

  /// Clients from which an answer is awaited.
  std::set<int> at_work_;
  /// By client: what it was given and has not answered, in order.
  std::map<int, std::deque<Work>> owed_;
};

}  // namespace

void run_buffer(const Federation& federation, Communicator& communicator, Learner& learner) {
  BufferServer(federation, communicator, learner).run();
}

}  // namespace descent
