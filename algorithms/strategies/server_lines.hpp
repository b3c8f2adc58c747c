#pragma once

#include "algorithms/recovery/patience.hpp"
#include "algorithms/strategies/strategy.hpp"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace descent {

/// A worker's conversations with the servers. With recovery it tells a server that stays silent again what it told it
/// last, and the others meanwhile that it is there, until it gives up. While what it told is still under way, it says
/// no more than that it is there: where messages take longer than its patience, repetitions would make them later
/// still.
class ServerLines {
 public:
  ServerLines(Cast cast, const Recovery& recovery, Communicator& communicator);

  /// What a server may answer with: one for each server.
  const std::vector<Expected>& answers() const { return answers_; }
  std::size_t server_of(int rank) const { return static_cast<std::size_t>(rank - cast_.workers); }

  Request tell(std::size_t server, Tag tag, Message message);
  /// An answer of one of these servers.
  First await(const std::vector<Expected>& answers);
  /// The same; nothing, where it has just told them again.
  std::optional<First> await_once(const std::vector<Expected>& answers);
  /// When to look whether they have been silent for too long.
  double deadline() const { return patience_.front().next(communicator_.now()); }
  /// The server has said something.
  void heard(std::size_t server) { patience_[server].heard(); }
  /// Takes leave of a server that has said that the run is over: it is told nothing more.
  void leave(std::size_t server);
  /// The run is over, as one of them has said: takes leave of all that have not. With recovery it waits until they
  /// have.
  void leave_all();
  /// Throws GaveUp where one of these servers has been silent for too long.
  void check_patience(const std::vector<Expected>& owing) const;

 private:
  struct Told {
    Tag tag = 0;
    Message message;
    /// Of the copy sent last.
    Request request;
  };

  Request tell_again(std::size_t server);

  Cast cast_;
  const Recovery& recovery_;
  Communicator& communicator_;
  std::vector<Expected> answers_;
  // By server.
  std::vector<Patience> patience_;
  /// What it was told last, where it may have to be told again.
  std::vector<Told> told_;
  std::vector<bool> left_;
};

}  // namespace descent
