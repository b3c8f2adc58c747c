#include "algorithms/collectives/two_level.hpp"

#include "algorithms/collectives/tree.hpp"

#include <algorithm>
#include <map>

namespace descent {

TwoLevelSchedule::TwoLevelSchedule(std::span<const int> nodes, Between between) {
  std::map<int, std::size_t> known;
  for (std::size_t rank = 0; rank < nodes.size(); ++rank) {
    const std::size_t node = known.try_emplace(nodes[rank], nodes_.size()).first->second;
    if (node == nodes_.size()) {
      nodes_.emplace_back();
    }
    places_.push_back({node, static_cast<int>(nodes_[node].size())});
    nodes_[node].push_back(static_cast<int>(rank));
  }
  between_ = between(static_cast<int>(nodes_.size()));
  for (std::size_t round = 0; round < between_->rounds(); ++round) {
    patterns_between_ = std::max(patterns_between_, between_->pattern(round) + 1);
  }
  for (const std::vector<int>& ranks : nodes_) {
    inside_ = std::max(inside_, TreeSchedule(static_cast<int>(ranks.size())).rounds() / 2);
  }
}

void TwoLevelSchedule::at(std::size_t round, int rank, RoundPart& part) const {
  if (round < inside_) {
    at_inside(round, true, rank, part);
  } else if (round < inside_ + between_->rounds()) {
    at_between(round - inside_, rank, part);
  } else {
    at_inside(round - inside_ - between_->rounds(), false, rank, part);
  }
}

/// Nodes with fewer ranks are through with fewer rounds.
void TwoLevelSchedule::at_inside(std::size_t round, bool reducing, int rank, RoundPart& part) const {
  const Place& place = places_[static_cast<std::size_t>(rank)];
  const std::vector<int>& ranks = nodes_[place.node];
  const TreeSchedule tree(static_cast<int>(ranks.size()));
  const std::size_t levels = tree.rounds() / 2;
  if (round >= levels) {
    return;
  }
  tree.at(reducing ? round : levels + round, place.index, part);
  const ChunkRange all{0, chunks()};
  for (Transfer& send : part.sends) {
    send = {ranks[static_cast<std::size_t>(send.peer)], all};
  }
  for (Reception& reception : part.receives) {
    reception = {ranks[static_cast<std::size_t>(reception.peer)], all, reception.then};
  }
}

void TwoLevelSchedule::at_between(std::size_t round, int rank, RoundPart& part) const {
  const Place& place = places_[static_cast<std::size_t>(rank)];
  if (place.index != 0) {
    return;
  }
  between_->at(round, static_cast<int>(place.node), part);
  for (Transfer& send : part.sends) {
    send.peer = nodes_[static_cast<std::size_t>(send.peer)].front();
  }
  for (Reception& reception : part.receives) {
    reception.peer = nodes_[static_cast<std::size_t>(reception.peer)].front();
  }
}

/// Where those of the allreduce between leaders meet.
std::optional<std::size_t> TwoLevelSchedule::meeting() const {
  const std::optional<std::size_t> between = between_->meeting();
  return between ? std::optional(inside_ + *between) : std::nullopt;
}

ChunkRange TwoLevelSchedule::owned(int rank) const {
  const Place& place = places_[static_cast<std::size_t>(rank)];
  return place.index == 0 ? between_->owned(static_cast<int>(place.node)) : ChunkRange{0, 0};
}

std::size_t TwoLevelSchedule::pattern(std::size_t round) const {
  if (round < inside_) {
    return round;
  }
  if (round < inside_ + between_->rounds()) {
    return inside_ + between_->pattern(round - inside_);
  }
  return inside_ + patterns_between_ + (round - inside_ - between_->rounds());
}

}  // namespace descent
