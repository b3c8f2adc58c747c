#include "algorithms/strategies/federation_server.hpp"

#include <map>
#include <optional>
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
      first_draw_ = first_draw_.value_or(newest_draw());
      for (const int client : clients) {
        given_[client] = newest_draw();
        send_model(client);
        if (controls) {
          send(client, federation::kControl, control, static_cast<double>(taken_[client]));
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
          taken_[client] = static_cast<std::uint64_t>(answer.control.note);
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
      first_draw_.reset();
    }
    finish();
  }

 private:
  struct Answer {
    Message difference;
    Message control;
  };

  /// What the clients make of this round's parameters, those left out that are lost meanwhile and not back in time.
  /// Where nobody is there, it waits until somebody is.
  std::map<int, Answer> gather(const std::vector<int>& clients) {
    std::map<int, Answer> answers;
    std::set<int> due(clients.begin(), clients.end());
    while (!due.empty() || present().empty()) {
      Event event = next({federation::kControlDifference, federation::kDifference});
      for (const int client : event.gone) {
        due.erase(client);
      }
      if (!event.message) {
        continue;
      }
      Message& message = *event.message;
      const int client = message.source;
      if (!is_of_these_parameters(message) || is_whole(answers[client])) {
        if (due.contains(client)) {
          await_further(client);
        }
        if (message.tag == federation::kDifference) {
          communicator_.observer().wasted(communicator_.now());
        }
        continue;
      }
      Answer& answer = answers[client];
      (message.tag == federation::kDifference ? answer.difference : answer.control) = std::move(message);
      if (is_whole(answer)) {
        due.erase(client);
        counts();
      } else {
        due.insert(client);
        await_further(client);
      }
    }
    std::erase_if(answers, [&](const auto& one) {
      if (!is_whole(one.second) && !one.second.difference.payload.empty()) {
        communicator_.observer().wasted(communicator_.now());
      }
      return !is_whole(one.second);
    });
    return answers;
  }

  /// Until they have moved, a client that was taken for lost may still answer an earlier draw. Where it has a control
  /// variate, what it was given last tells from which one it differs.
  bool is_of_these_parameters(const Message& message) const {
    const auto draw = static_cast<std::uint64_t>(message.note);
    return draw >= *first_draw_ && (!federation_.control_variates || draw == given_.at(message.source));
  }

  bool is_whole(const Answer& answer) const {
    return !answer.difference.payload.empty() && !(federation_.control_variates && answer.control.payload.empty());
  }

  /// Of the draws since the parameters have moved.
  std::optional<std::uint64_t> first_draw_;
  /// By client: the draw for which it was given something to do last.
  std::map<int, std::uint64_t> given_;
  /// By client: the draw of which it has given a control's difference last.
  std::map<int, std::uint64_t> taken_;

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
