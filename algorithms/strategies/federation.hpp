#pragma once

#include "algorithms/strategies/server_rule.hpp"
#include "algorithms/strategies/strategy.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace descent {

/// What the parties of a federation agree on.
struct Federation {
  Cast cast;
  /// Of the clients, in a round; or at work at once.
  double fraction = 1;
  /// A client's steps: so many, or passes over its data.
  std::optional<std::uint64_t> local_steps;
  std::optional<double> local_epochs;
  /// μ: a client's objective has ½μ‖x − x_server‖² more (FedProx; Li et al. 2020, equation 2).
  double proximal = 0;
  /// Clients correct their gradients by what those of all others say (SCAFFOLD; Karimireddy et al. 2020, algorithm 1).
  bool control_variates = false;
  /// Updates that the server takes at once, from whoever comes first (FedBuff; Nguyen et al. 2022); nothing: rounds.
  std::optional<std::uint64_t> buffer;
  ServerRule server;
  /// Of the differences that clients send; nullptr: they are sent as they are.
  std::shared_ptr<const Compressor> compressor;
  Recovery recovery;

  std::size_t clients_at_once() const;
  std::uint64_t steps_of(const Learner& client) const;
};

/// The server sends parameters, with their version, and its control variate where there are such, with the draw of
/// which it has taken an answer of this client last; a client answers with the difference x − xₖ and the samples that
/// it took, and its control's difference. All of these name the draw that they belong to. Empty parameters: the run is
/// over. With recovery a client that has not heard of the server for half a timeout, or begins anew, says that it is
/// there, and is told that the server is: what was on its way between them is lost. At the end it takes leave.
namespace federation {
enum : Tag { kModel, kControl, kDifference, kControlDifference, kHere, kHereToo, kLeave };
}

/// A client's program (McMahan et al. 2017, algorithm 1, ClientUpdate).
void run_client(const Federation& federation, Communicator& communicator, Learner& learner);
/// The server's: rounds of clients drawn at random (algorithm 1).
void run_rounds(const Federation& federation, Communicator& communicator, Learner& learner);
/// The server's: updates of K clients as they come, each of weight 1/√(1 + τ), τ the updates since it began.
void run_buffer(const Federation& federation, Communicator& communicator, Learner& learner);

}  // namespace descent
