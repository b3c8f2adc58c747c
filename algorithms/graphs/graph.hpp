#pragma once

#include "algorithms/core/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace descent {

/// Who talks to whom: an undirected, connected graph over ranks 0 … P − 1.
class Graph {
 public:
  /// The neighbours of each rank.
  explicit Graph(std::vector<std::vector<int>> neighbours);

  int ranks() const { return static_cast<int>(neighbours_.size()); }
  /// In ascending order, the rank itself not among them.
  const std::vector<int>& neighbours(int rank) const { return neighbours_[static_cast<std::size_t>(rank)]; }
  std::size_t degree(int rank) const { return neighbours(rank).size(); }
  /// Edges on the way from a rank to the farthest one.
  std::size_t eccentricity(int rank) const;

 private:
  std::vector<std::vector<int>> neighbours_;
};

/// A rank and the weight that its vector has in a mean.
struct Mixing {
  int rank;
  double weight;
};

/// Row `rank` of the Metropolis–Hastings matrix: w_ij = 1/(1 + max(degree of i, degree of j)), w_ii = 1 − Σ w_ij, which
/// is symmetric and doubly stochastic (Xiao & Boyd 2004, Fast linear iterations for distributed averaging, section
/// 4.1). In ascending order of ranks, the rank itself among them.
std::vector<Mixing> metropolis_weights(const Graph& graph, int rank);

/// The parameters of a strategy that choose a graph: its kind, and the degree or probability of a random one.
std::vector<Parameter> graph_parameters();
/// What does not fit together; `ranks` where they are known.
std::vector<std::string> graph_faults(const Settings& settings, std::optional<int> ranks);
/// Precondition: there are no faults. Random graphs are the same for one seed. Throws InputError where no connected one
/// is found.
Graph make_graph(const Settings& settings, int ranks, std::uint64_t seed);

}  // namespace descent
