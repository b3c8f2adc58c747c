#pragma once

#include "algorithms/recovery/roster.hpp"
#include "algorithms/strategies/encoder.hpp"
#include "algorithms/strategies/federation.hpp"
#include "algorithms/strategies/progress_report.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace descent {

/// What servers of a federation do, in rounds and with a buffer.
class FederationServer {
 public:
  FederationServer(const Federation& federation, Communicator& communicator, Learner& learner);

 protected:
  bool over() { return learner_.stop().met(report_.progress(), communicator_); }
  /// Nothing, where the run is over.
  void send(int client, Tag tag, const Snapshot& vector);
  Snapshot decode(Snapshot payload) { return decoded(federation_.compressor.get(), learner_, std::move(payload)); }
  /// Moves along the combination of differences.
  void update(std::vector<WeightedVector> differences, double samples, std::vector<std::uint64_t> staleness);
  /// `count` of the clients, or all of them where they are fewer, drawn at random, in ascending order.
  std::vector<int> draw(std::vector<int> clients, std::size_t count);
  /// Those that are not lost.
  std::vector<int> present() const;
  /// A client has parameters, and owes what it makes of them.
  void await(int client) { roster_.await(static_cast<std::size_t>(client), communicator_.now()); }
  /// What comes next: a message with one of these tags or, with recovery, what has become of clients.
  struct Event {
    /// Nothing: no message.
    std::optional<Message> message = {};
    /// Those that are lost, or begin anew and have lost what they were at.
    std::vector<int> gone = {};
    /// One that is back.
    std::optional<int> returned = {};
  };
  Event next(const std::vector<Tag>& tags);
  /// Tells all clients that the run is over.
  void finish();

  const Federation& federation_;
  Communicator& communicator_;
  Learner& learner_;
  std::size_t workers_;
  OptimizerState state_;
  ProgressReport report_;

 private:
  Roster roster_;
  std::uint64_t draws_ = 0;
};

}  // namespace descent
