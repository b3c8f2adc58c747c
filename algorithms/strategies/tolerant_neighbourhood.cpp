#include "algorithms/strategies/tolerant_neighbourhood.hpp"

#include "algorithms/core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace descent {
namespace {

/// One tag, so that what a rank says arrives in the order in which it was said: vectors, with the number of their
/// round, and without a vector a round in which the rank waits, or that it begins anew or leaves.
constexpr Tag kInRound = 0;
constexpr std::int64_t kJoins = -1;
constexpr std::int64_t kLeaves = -2;

}  // namespace

TolerantNeighbourhood::TolerantNeighbourhood(std::vector<int> peers, const Recovery& recovery,
                                             Communicator& communicator, Learner& learner)
    : Neighbourhood(communicator, learner),
      ranks_(std::move(peers)),
      peers_(ranks_.size()),
      recovery_(recovery),
      roster_(recovery.without_end(), ranks_.size(), "neighbour", communicator.now()),
      begun_(communicator.now()),
      joined_(communicator.life() == 0) {}

std::optional<Takeover> TolerantNeighbourhood::takeover(const Progress& progress) {
  const bool begins_anew = !std::exchange(joined_, true);
  if (begins_anew) {
    join();
  }
  std::vector<Message> newest;
  newest.reserve(peers_.size());
  for (const Peer& peer : peers_) {
    if (!peer.vectors.empty()) {
      newest.push_back(peer.vectors.back());
    }
  }
  std::optional<Takeover> others = newest_of(newest, progress.iterations);
  if (others && !std::exchange(knows_nothing_, false)) {
    others->vectors.clear();
  }
  if (begins_anew && !others) {
    communicator_.observer().recovered({}, communicator_.now());
  }
  if (knows_nothing_ && !ranks_.empty() && roster_.present() == 0 &&
      communicator_.now() >= begun_ + recovery_.give_up_s) {
    throw GaveUp(fmt::format("no neighbour has been heard of since {:.9g} s", begun_));
  }
  return others;
}

void TolerantNeighbourhood::join() {
  current_ = learner_.message(learner_.initial_parameters());
  knows_nothing_ = true;
  tell(kJoins);
  gather(nullptr, kJoins);
}

bool TolerantNeighbourhood::over(const Progress& progress) {
  round_ = static_cast<std::int64_t>(progress.iterations);
  for (Peer& peer : peers_) {
    while (!peer.vectors.empty() && peer.vectors.front().note < round_) {
      peer.vectors.pop_front();
    }
  }
  return learner_.stop().met(progress, communicator_);
}

void TolerantNeighbourhood::send(const std::vector<int>& /*to*/, const Message& what) {
  current_ = what;
  current_.note = round_;
}

std::vector<Message> TolerantNeighbourhood::receive(const std::vector<int>& from, const Task& meanwhile) {
  tell(current_);
  gather(meanwhile, round_);
  std::vector<Message> vectors(from.size());
  for (std::size_t peer = 0; peer < peers_.size(); ++peer) {
    std::deque<Message>& theirs = peers_[peer].vectors;
    if (!theirs.empty() && theirs.front().note == round_) {
      vectors[peer] = theirs.front();
    }
  }
  return vectors;
}

void TolerantNeighbourhood::leave(const Snapshot& parameters) {
  current_ = learner_.message(parameters);
  current_.note = round_;
  tell(current_);
  tell(kLeaves);
}

void TolerantNeighbourhood::gather(const Task& meanwhile, std::int64_t reminder) {
  const double each = recovery_.timeout_s / 2;
  double remind = communicator_.now() + each;
  for (std::size_t peer = 0; peer < peers_.size(); ++peer) {
    if (owes(peer)) {
      roster_.await(peer, communicator_.now());
    }
  }
  const Expected awaited[] = {{any_rank, kInRound}};
  for (bool computed = meanwhile == nullptr; !computed || anybody_owes();) {
    const double deadline = anybody_owes() ? std::min(remind, roster_.deadline()) : roster_.deadline();
    First first = communicator_.first(std::span(&meanwhile, computed ? 0 : 1), awaited, deadline);
    if (first.what == First::What::operation) {
      computed = true;
    } else if (first.what == First::What::message) {
      take(std::move(first.message));
    } else {
      report(roster_.missed(communicator_.now()).size(), 0);
      if (communicator_.now() >= remind && anybody_owes()) {
        tell(reminder);
        remind = communicator_.now() + each;
      }
    }
  }
}

void TolerantNeighbourhood::take(Message message) {
  const auto place = std::lower_bound(ranks_.begin(), ranks_.end(), message.source);
  const auto number = static_cast<std::size_t>(place - ranks_.begin());
  Peer& peer = peers_[number];
  if (message.note == kLeaves) {
    roster_.dismiss(number);
    return;
  }
  if (message.note == kJoins) {
    // What its last life owed will not come; the new one is there when it is in a round.
    report(roster_.lose(number) ? 1 : 0, 0);
    peer = {};
    communicator_.send(message.source, kInRound, current_);
    return;
  }
  report(0, roster_.heard(number, communicator_.now()) ? 1 : 0);
  peer.round = message.note;
  const bool new_one = peer.vectors.empty() || peer.vectors.back().note < message.note;
  if (!message.payload.empty() && message.note >= round_ && new_one) {
    peer.vectors.push_back(std::move(message));
  }
  if (owes(number)) {
    roster_.await(number, communicator_.now());
  }
}

bool TolerantNeighbourhood::anybody_owes() const {
  for (std::size_t peer = 0; peer < peers_.size(); ++peer) {
    if (owes(peer)) {
      return true;
    }
  }
  return false;
}

void TolerantNeighbourhood::tell(const Message& message) {
  for (const int rank : ranks_) {
    communicator_.send(rank, kInRound, message);
  }
}

void TolerantNeighbourhood::tell(std::int64_t note) {
  Message message = envelope();
  message.note = note;
  tell(message);
}

void TolerantNeighbourhood::report(std::size_t lost, std::size_t returned) {
  if (lost + returned > 0) {
    communicator_.observer().recovered(
        {.lost_peers = static_cast<int>(lost), .returned_peers = static_cast<int>(returned)}, communicator_.now());
  }
}

}  // namespace descent
