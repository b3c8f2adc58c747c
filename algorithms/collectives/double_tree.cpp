#include "algorithms/collectives/double_tree.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace descent {

DoubleTreeSchedule::DoubleTreeSchedule(int ranks, std::size_t segments)
    : ranks_(ranks), segments_(segments), levels_(std::bit_width(static_cast<unsigned>(ranks - 1))) {
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    grow(tree);
  }
  colour_edges();
}

void DoubleTreeSchedule::grow(std::size_t tree) {
  trees_[tree].resize(static_cast<std::size_t>(ranks_));
  const auto last = static_cast<unsigned>(ranks_ - 1);
  const bool shifts = last % 2 == 1;
  const auto position_of = [&](unsigned rank) {
    if (tree == 0) {
      return rank;
    }
    return shifts ? rank % last + 1 : last + 1 - rank;
  };
  const auto rank_at = [&](unsigned position) {
    if (tree == 0 || position == 0) {
      return static_cast<int>(position);
    }
    return static_cast<int>(shifts ? (position + last - 2) % last + 1 : last + 1 - position);
  };
  for (unsigned rank = 1; rank <= last; ++rank) {
    const unsigned position = position_of(rank);
    const unsigned lowest = position & (~position + 1);
    const unsigned above = (position ^ lowest) | (lowest << 1U);
    Node& child = node(tree, static_cast<int>(rank));
    child.level = static_cast<std::size_t>(std::countr_zero(position));
    child.parent = rank_at(above <= last ? above : position ^ lowest);
    Node& parent = node(tree, child.parent);
    parent.children[parent.children[0] == kNobody ? 0 : 1] = static_cast<int>(rank);
  }
}

/// Each rank sends along two edges, one of each tree, and takes along two at most. So edges of which no two that meet
/// may have one colour form paths and circles of even length, which two colours in turn suffice for.
void DoubleTreeSchedule::colour_edges() {
  for (int rank = 1; rank < ranks_; ++rank) {
    for (std::size_t tree = 0; tree < kTrees; ++tree) {
      if (node(tree, rank).colour < 0) {
        node(tree, rank).colour = 0;
        colour_path({tree, rank}, true);
        colour_path({tree, rank}, false);
      }
    }
  }
}

/// Colours what follows an edge on its path, until there is nothing left, or the circle is closed.
void DoubleTreeSchedule::colour_path(Edge edge, bool same_sender_first) {
  bool same_sender = same_sender_first;
  for (int colour = 1;; colour = 1 - colour) {
    const std::optional<Edge> next = same_sender ? Edge{1 - edge.tree, edge.rank} : other_to_parent(edge);
    if (!next || node(next->tree, next->rank).colour >= 0) {
      return;
    }
    edge = *next;
    node(edge.tree, edge.rank).colour = colour;
    same_sender = !same_sender;
  }
}

/// The other edge along which the parent takes.
std::optional<DoubleTreeSchedule::Edge> DoubleTreeSchedule::other_to_parent(Edge edge) const {
  const int parent = node(edge.tree, edge.rank).parent;
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    for (const int child : node(tree, parent).children) {
      if (child != kNobody && (tree != edge.tree || child != edge.rank)) {
        return Edge{tree, child};
      }
    }
  }
  return std::nullopt;
}

void DoubleTreeSchedule::at(std::size_t round, int rank, RoundPart& part) const {
  const bool up = round < rounds() / 2;
  const std::size_t upward = up ? round : rounds() - 1 - round;
  const std::size_t step = upward / 2;
  const int colour = static_cast<int>(upward % 2);
  const auto segment_above = [&](std::size_t tree, int child) -> std::optional<ChunkRange> {
    const Node& below = node(tree, child);
    if (below.colour != colour || step < below.level || step - below.level >= segments_) {
      return std::nullopt;
    }
    return ChunkRange{tree * segments_ + step - below.level};
  };
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    const Node& mine = node(tree, rank);
    for (const int child : mine.children) {
      const auto segment = child != kNobody ? segment_above(tree, child) : std::nullopt;
      if (segment && up) {
        part.receives.push_back({child, *segment, Reception::Then::add});
      } else if (segment) {
        part.sends.push_back({child, *segment});
      }
    }
    const auto segment = mine.parent != kNobody ? segment_above(tree, rank) : std::nullopt;
    if (segment && up) {
      part.sends.push_back({mine.parent, *segment});
    } else if (segment) {
      part.receives.push_back({mine.parent, *segment, Reception::Then::store});
    }
  }
}

/// Between the filling and the emptying of the pipeline, which take L − 1 steps each, all edges are in use.
std::size_t DoubleTreeSchedule::pattern(std::size_t round) const {
  const std::size_t one_way = rounds() / 2;
  const std::size_t within = round < one_way ? round : round - one_way;
  const std::size_t step = within / 2;
  const std::size_t full = segments_ >= levels_ ? segments_ - levels_ : 0;  // steps after the first full one
  const std::size_t kind = step < levels_ ? step : step - std::min(full, step - levels_ + 1);
  const std::size_t kinds = steps() - full;
  return 2 * (kind + (round < one_way ? 0 : kinds)) + within % 2;
}

}  // namespace descent
