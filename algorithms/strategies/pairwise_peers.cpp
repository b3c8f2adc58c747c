#include "algorithms/strategies/pairwise_peers.hpp"

#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <utility>

namespace descent {

PairwisePeers::PairwisePeers(std::vector<int> ranks, const Recovery& recovery, Communicator& communicator)
    : recovery_(recovery),
      communicator_(communicator),
      ranks_(std::move(ranks)),
      peers_(ranks_.size()),
      roster_(recovery.without_end(), ranks_.size(), "neighbour", communicator.now()),
      to_stop_(ranks_.size()) {}

std::optional<int> PairwisePeers::draw(RandomStream random) const {
  if (!anybody_present()) {
    return std::nullopt;
  }
  std::size_t drawn = boost::random::uniform_int_distribution<std::size_t>(0, roster_.present() - 1)(random);
  if (roster_.present() == ranks_.size()) {
    return ranks_[drawn];
  }
  std::size_t peer = 0;
  while (!roster_.present(peer) || drawn-- > 0) {
    ++peer;
  }
  return ranks_[peer];
}

std::vector<int> PairwisePeers::to_stop() const {
  std::vector<int> ranks;
  ranks.reserve(to_stop_);
  for (std::size_t peer = 0; peer < peers_.size(); ++peer) {
    if (is_to_stop(peer)) {
      ranks.push_back(ranks_[peer]);
    }
  }
  return ranks;
}

std::vector<int> PairwisePeers::lost() const {
  std::vector<int> ranks;
  ranks.reserve(ranks_.size() - roster_.present());
  for (std::size_t peer = 0; peer < peers_.size(); ++peer) {
    if (!roster_.present(peer)) {
      ranks.push_back(ranks_[peer]);
    }
  }
  return ranks;
}

void PairwisePeers::await(int rank) {
  const std::size_t peer = number_of(rank);
  peers_[peer].owes = roster_.present(peer);
  peers_[peer].due = communicator_.now() + recovery_.timeout_s;
  roster_.await(peer, communicator_.now());
}

double PairwisePeers::deadline() const {
  if (!recovery_.tolerates_losses()) {
    return never;
  }
  double deadline = roster_.deadline();
  for (const Peer& peer : peers_) {
    deadline = peer.owes ? std::min(deadline, peer.due) : deadline;
  }
  return deadline;
}

bool PairwisePeers::anybody_owes() const {
  return std::any_of(peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.owes; });
}

bool PairwisePeers::heard(int rank) {
  const std::size_t peer = number_of(rank);
  bool returned = false;
  change(peer, [&] { returned = roster_.heard(peer, communicator_.now()); });
  if (peers_[peer].owes) {
    roster_.await(peer, communicator_.now());
  }
  if (returned) {
    communicator_.observer().recovered({.returned_peers = 1}, communicator_.now());
  }
  return returned;
}

void PairwisePeers::stopped(int rank) {
  const std::size_t peer = number_of(rank);
  change(peer, [&] { peers_[peer].stopped = true; });
}

void PairwisePeers::begins_anew(int rank) {
  const std::size_t peer = number_of(rank);
  bool lost = false;
  change(peer, [&] {
    lost = roster_.lose(peer);
    peers_[peer] = {};
  });
  if (lost) {
    communicator_.observer().recovered({.lost_peers = 1}, communicator_.now());
  }
}

void PairwisePeers::check() {
  const std::vector<std::size_t> lost = roster_.missed(communicator_.now());
  for (const std::size_t peer : lost) {
    to_stop_ -= peers_[peer].stopped ? 0 : 1;
    peers_[peer].owes = false;
  }
  for (std::size_t peer = 0; peer < peers_.size(); ++peer) {
    if (peers_[peer].owes && peers_[peer].due <= communicator_.now()) {
      peers_[peer].owes = false;
      roster_.heard(peer, communicator_.now());  // It is there, and owes nothing any more.
    }
  }
  if (!lost.empty()) {
    communicator_.observer().recovered({.lost_peers = static_cast<int>(lost.size())}, communicator_.now());
  }
}

std::size_t PairwisePeers::number_of(int rank) const {
  return static_cast<std::size_t>(std::lower_bound(ranks_.begin(), ranks_.end(), rank) - ranks_.begin());
}

template <class Change>
void PairwisePeers::change(std::size_t peer, const Change& change) {
  to_stop_ -= is_to_stop(peer) ? 1 : 0;
  change();
  to_stop_ += is_to_stop(peer) ? 1 : 0;
}

}  // namespace descent
