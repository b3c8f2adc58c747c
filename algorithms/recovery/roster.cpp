#include "algorithms/recovery/roster.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace descent {

Roster::Roster(const Recovery& recovery, std::size_t peers, std::string who, double now)
    : timeout_s_(recovery.timeout_s),
      give_up_s_(recovery.give_up_s),
      who_(std::move(who)),
      peers_(peers),
      present_(peers),
      heard_(now) {}

void Roster::owe(std::size_t peer, double due) {
  Peer& one = peers_[peer];
  if (one.due < never) {
    due_.erase({one.due, peer});
  }
  one.due = due;
  if (due < never) {
    due_.emplace(due, peer);
  }
}

void Roster::await(std::size_t peer, double now) {
  if (peers_[peer].present) {
    owe(peer, now + timeout_s_);
  }
}

bool Roster::heard(std::size_t peer, double now) {
  Peer& one = peers_[peer];
  owe(peer, never);
  heard_ = now;
  if (one.present || one.dismissed) {
    return false;
  }
  one.present = true;
  ++present_;
  return true;
}

bool Roster::lose(std::size_t peer) {
  Peer& one = peers_[peer];
  owe(peer, never);
  present_ -= one.present ? 1 : 0;
  return std::exchange(one.present, false);
}

void Roster::dismiss(std::size_t peer) {
  lose(peer);
  peers_[peer].dismissed = true;
}

double Roster::deadline() const {
  if (!due_.empty()) {
    return due_.begin()->first;
  }
  const bool waits_for_lost =
      present_ == 0 && std::any_of(peers_.begin(), peers_.end(), [](const Peer& one) { return !one.dismissed; });
  return waits_for_lost ? heard_ + give_up_s_ : never;
}

std::vector<std::size_t> Roster::missed(double now) {
  std::vector<std::size_t> lost;
  while (!due_.empty() && due_.begin()->first <= now) {
    const std::size_t peer = due_.begin()->second;
    lose(peer);
    lost.push_back(peer);
  }
  std::sort(lost.begin(), lost.end());
  if (due_.empty() && present_ == 0 && now >= heard_ + give_up_s_) {
    throw GaveUp(fmt::format("no {} has been heard of since {:.9g} s", who_, heard_));
  }
  return lost;
}

}  // namespace descent
