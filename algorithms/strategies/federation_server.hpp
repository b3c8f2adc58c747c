#pragma once

#include "algorithms/recovery/checkpoints.hpp"
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

/// What servers of a federation do, in rounds and with a buffer. With checkpoints a server that begins anew goes on
/// from the newest one; what clients make of parameters that an earlier life has sent is not taken.
class FederationServer {
 public:
  FederationServer(const Federation& federation, Communicator& communicator, Learner& learner);

 protected:
  bool over() { return learner_.stop().met(report_.progress(), communicator_); }
  /// For the newest draw. `vector`: nothing, where the run is over.
  void send(int client, Tag tag, const Snapshot& vector, double scalar);
  void send_model(int client) {
    send(client, federation::kModel, state_.parameters, static_cast<double>(report_.iterations()));
  }
  Snapshot decode(Snapshot payload) { return decoded(federation_.compressor.get(), learner_, std::move(payload)); }
  /// Moves along the combination of differences.
  void update(std::vector<WeightedVector> differences, double samples, std::vector<std::uint64_t> staleness);
  /// `count` of the clients, or all of them where they are fewer, drawn at random, in ascending order.
  std::vector<int> draw(std::vector<int> clients, std::size_t count);
  /// The number of the newest draw.
  std::uint64_t newest_draw() const { return draws_; }
  /// Those that are not lost.
  std::vector<int> present() const;
  /// A client has parameters, and owes what it makes of them.
  void await(int client);
  /// What it has said is not what it owes.
  void await_further(int client) { roster_.await(static_cast<std::size_t>(client), communicator_.now()); }
  /// What comes next: a message with one of these tags or, with recovery, what has become of clients.
  struct Event {
    /// Nothing: no message.
    std::optional<Message> message = {};
    /// Those that are lost, or have lost what they were at, because they begin anew or a message has not come.
    std::vector<int> gone = {};
    /// One that is back.
    std::optional<int> returned = {};
  };
  /// Throws GaveUp where answers have come to nothing for too long.
  Event next(const std::vector<Tag>& tags);
  /// What has come last is an answer that counts.
  void counts() { counted_ = heard_; }
  /// Tells all clients that the run is over. With recovery it stays until those that are there have taken leave.
  void finish();

  const Federation& federation_;
  Communicator& communicator_;
  Learner& learner_;
  std::size_t workers_;
  OptimizerState state_;
  ProgressReport report_;

 private:
  void tell_over(int client) { send(client, federation::kModel, {}, 0); }
  void linger();
  void restore();

  Checkpoints checkpoints_;
  Roster roster_;
  /// By client: when it was given something to do last.
  std::vector<double> told_;
  /// When a message or a deadline came last, and the last answer that counted.
  double heard_;
  double counted_;
  /// Those of each life have numbers of their own.
  std::uint64_t draws_;
};

}  // namespace descent
