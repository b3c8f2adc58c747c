#pragma once

#include "algorithms/collectives/schedule.hpp"

#include <array>
#include <vector>

namespace descent {

/// Two complementary binary trees (Sanders, Speck & Träff 2009), pipelined: each carries half of the vector, cut into S
/// segments, up to rank 0 and down again. A rank that has children in one tree is a leaf of the other, so that all
/// links are busy both ways in every round. With L = ⌈log₂P⌉: 4(L + S − 1) rounds of n/2S bytes; 2n bytes at the ranks
/// that send most, which have two children (with fewer than four ranks there are none, and it is less). Where ranks
/// begin together that takes 4(L + S − 1)(α + βn/2S); a single segment may be a round sooner each way, where trees are
/// not full.
///
/// Ranks 1 … P−1 are the nodes of both trees, and rank 0 stands above their roots. A tree is the in-order binary tree,
/// in which the node at position p is at the level of p's lowest bit. Rank r is at position r in one tree; in the other
/// at P − r, or, where that would make leaves of the same ranks, at r + 1, cyclically. Edges are coloured with two
/// colours, so that no rank sends, or takes, along two of one colour: segment s passes the edge above a node of level l
/// in round 2(l + s) or 2(l + s) + 1, by its colour. The way down is the way up backwards.
class DoubleTreeSchedule final : public Schedule {
 public:
  /// Precondition: `segments` is at least 1.
  DoubleTreeSchedule(int ranks, std::size_t segments);

  std::size_t rounds() const override { return 4 * steps(); }
  std::size_t chunks() const override { return kTrees * segments_; }
  void at(std::size_t round, int rank, RoundPart& part) const override;
  std::size_t pattern(std::size_t round) const override;
  std::optional<std::size_t> meeting() const override { return 2 * steps(); }
  ChunkRange owned(int rank) const override { return {0, rank == 0 ? chunks() : 0}; }

 private:
  static constexpr std::size_t kTrees = 2;
  static constexpr int kNobody = -1;

  /// A rank in one tree.
  struct Node {
    int parent = kNobody;
    std::array<int, 2> children{kNobody, kNobody};
    std::size_t level = 0;
    /// Of the edge to the parent; less than 0 while it has none.
    int colour = -1;
  };

  /// The edge from a rank to its parent in a tree.
  struct Edge {
    std::size_t tree;
    int rank;
  };

  void grow(std::size_t tree);
  void colour_edges();
  void colour_path(Edge edge, bool same_sender_first);
  std::optional<Edge> other_to_parent(Edge edge) const;
  Node& node(std::size_t tree, int rank) { return trees_[tree][static_cast<std::size_t>(rank)]; }
  const Node& node(std::size_t tree, int rank) const { return trees_[tree][static_cast<std::size_t>(rank)]; }
  /// Pairs of rounds, one of each colour, that one way takes.
  std::size_t steps() const { return ranks_ > 1 ? levels_ + segments_ - 1 : 0; }

  int ranks_;
  std::size_t segments_;
  /// L.
  std::size_t levels_;
  std::array<std::vector<Node>, kTrees> trees_;
};

}  // namespace descent
