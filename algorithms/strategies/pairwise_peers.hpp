#pragma once

#include "algorithms/comm/communicator.hpp"
#include "algorithms/recovery/roster.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace descent {

/// The neighbours as a worker sees them that meets one at a time: who is there, who owes it an answer, and who has not
/// stopped yet. Without a timeout all are there.
class PairwisePeers {
 public:
  /// `ranks`: in ascending order.
  PairwisePeers(std::vector<int> ranks, const Recovery& recovery, Communicator& communicator);

  const std::vector<int>& all() const { return ranks_; }
  bool anybody_present() const { return roster_.present() > 0; }
  /// One that is there, at random; nothing where nobody is.
  std::optional<int> draw(RandomStream random) const;
  /// Somebody who is there has not stopped.
  bool anybody_to_stop() const { return to_stop_ > 0; }
  std::vector<int> to_stop() const;
  std::vector<int> lost() const;

  /// It owes an answer, if it is there, until it has answered or is lost, and not longer than the timeout: an answer
  /// may be lost alone.
  void await(int rank);
  bool owes(int rank) const { return peers_[number_of(rank)].owes; }
  bool anybody_owes() const;
  /// What it owes is here, and is to be told by `heard`.
  void answered(int rank) { peers_[number_of(rank)].owes = false; }

  /// A message of it is here. Whether it had been lost.
  bool heard(int rank);
  void stopped(int rank);
  /// It begins anew: what it owed will not come, and it is there when it is heard of again.
  void begins_anew(int rank);
  /// See Roster.
  double deadline() const;
  void check();

 private:
  struct Peer {
    bool stopped = false;
    bool owes = false;
    /// Until when, in seconds.
    double due = never;
  };
  std::size_t number_of(int rank) const;
  bool is_to_stop(std::size_t peer) const { return roster_.present(peer) && !peers_[peer].stopped; }
  template <class Change>
  void change(std::size_t peer, const Change& change);

  const Recovery& recovery_;
  Communicator& communicator_;
  std::vector<int> ranks_;
  /// By number in `ranks_`.
  std::vector<Peer> peers_;
  Roster roster_;
  std::size_t to_stop_;
};

}  // namespace descent
