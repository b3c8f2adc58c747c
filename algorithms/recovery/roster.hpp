#pragma once

#include "algorithms/recovery/recovery.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace descent {

/// Which of its peers a rank counts on, by deadlines alone: one that owes a message and is silent for the timeout is
/// lost, until it is heard of again. Without a timeout nobody is ever lost.
class Roster {
 public:
  /// All are present, and owe nothing. `who` is what messages call a peer: "worker".
  Roster(const Recovery& recovery, std::size_t peers, std::string who, double now);

  bool present(std::size_t peer) const { return peers_[peer].present; }
  std::size_t present() const { return present_; }

  /// It owes a message from now on.
  void await(std::size_t peer, double now);
  /// A message of it is here: it owes none. Whether it had been lost.
  bool heard(std::size_t peer, double now);
  /// It is known to be gone, before its time is over. Whether it had been present.
  bool lose(std::size_t peer);
  /// It takes leave, and is not to be heard of again.
  void dismiss(std::size_t peer);

  /// When `missed` has to be asked again, at the latest.
  double deadline() const;
  /// Those, in the order of their numbers, whose time is over: they are lost from now on. Throws GaveUp where nobody
  /// has been present for as long as the scenario lets a rank wait.
  std::vector<std::size_t> missed(double now);

 private:
  struct Peer {
    bool present = true;
    bool dismissed = false;
    /// When it will be lost; `never` where it owes nothing.
    double due = never;
  };
  void owe(std::size_t peer, double due);

  double timeout_s_;
  double give_up_s_;
  std::string who_;
  std::vector<Peer> peers_;
  std::size_t present_;
  std::set<std::pair<double, std::size_t>> due_;
  double heard_;
};

}  // namespace descent
