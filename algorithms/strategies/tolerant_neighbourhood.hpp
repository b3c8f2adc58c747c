#pragma once

#include "algorithms/recovery/roster.hpp"
#include "algorithms/strategies/neighbourhood.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace descent {

/// Rounds of those who are there. A neighbour that owes its vector of a round and is silent for the timeout is lost
/// until it is heard of; it is told of every round all the same, as it may only be slow. Who waits says so in time, and
/// in which round: so nobody is lost because others are, and nobody waits for what is lost on its way.
///
/// A new life asks its neighbours for their vectors. It goes on in the newest round that it is told of, with the mean
/// of the vectors of that round; if nobody answers, from the beginning, until it hears of somebody who is farther. Who
/// finds that others have gone on without it goes on in their round with its own parameters: so what parts of a graph
/// have learnt that were cut off from each other is averaged.
///
/// Every rank stops alone, by counts or the clock, and leaves its last vector.
class TolerantNeighbourhood final : public Neighbourhood {
 public:
  /// `peers`: in ascending order.
  TolerantNeighbourhood(std::vector<int> peers, const Recovery& recovery, Communicator& communicator, Learner& learner);

  using Neighbourhood::send;
  std::optional<Takeover> takeover(const Progress& progress) override;
  bool over(const Progress& progress) override;
  /// Takes the vector of the round, which leaves in `receive`: who dies at the beginning of a step has told nobody of
  /// it, in every world. Precondition: `to` are all neighbours.
  void send(const std::vector<int>& to, const Message& what) override;
  std::vector<Message> receive(const std::vector<int>& from, const Task& meanwhile) override;
  void leave(const Snapshot& parameters) override;

 private:
  struct Peer {
    /// That it has told of, the newest; -1: none.
    std::int64_t round = -1;
    /// Vectors of the current round and later ones, the newest last.
    std::deque<Message> vectors = {};
  };

  /// Asks for the neighbours' vectors.
  void join();
  /// Waits for the computation, and for what neighbours owe in this round; who waits for long repeats the `reminder`.
  void gather(const Task& meanwhile, std::int64_t reminder);
  void take(Message message);
  bool owes(std::size_t peer) const { return roster_.present(peer) && peers_[peer].round < round_; }
  bool anybody_owes() const;
  void tell(const Message& message);
  void tell(std::int64_t note);
  void report(std::size_t lost, std::size_t returned);

  std::vector<int> ranks_;
  /// By number in `ranks_`.
  std::vector<Peer> peers_;
  Recovery recovery_;
  Roster roster_;
  std::int64_t round_ = 0;
  /// This rank's vector of the current round.
  Message current_;
  double begun_;
  bool joined_;
  /// A new life that nobody has told anything.
  bool knows_nothing_ = false;
};

}  // namespace descent
