#include "algorithms/graphs/graph.hpp"

#include "algorithms/core/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace descent {
namespace {

Graph graph_of(const std::string& kind, int ranks, std::uint64_t seed = 1) {
  return make_graph(
      Settings(std::map<std::string, std::string>{{"graph", kind}, {"degree", "4"}, {"probability", "0.5"}}), ranks,
      seed);
}

bool is_neighbour(const Graph& graph, int a, int b) {
  const std::vector<int>& near = graph.neighbours(a);
  return std::binary_search(near.begin(), near.end(), b);
}

TEST(Graph, IsUndirectedWithoutLoopsAndConnected) {
  for (const char* kind :
       {"ring", "torus", "complete", "hypercube", "exponential", "star", "random-regular", "erdos-renyi"}) {
    for (const int ranks : {1, 2, 3, 4, 6, 7, 8, 12, 16, 31}) {
      const bool power = (ranks & (ranks - 1)) == 0;
      const std::string name(kind);
      if ((name == "hypercube" && !power) || (name == "random-regular" && ranks < 6)) {
        continue;
      }
      const Graph graph = graph_of(kind, ranks);
      ASSERT_EQ(graph.ranks(), ranks);
      EXPECT_LT(graph.eccentricity(0), static_cast<std::size_t>(ranks)) << kind << ranks;
      for (int a = 0; a < ranks; ++a) {
        EXPECT_FALSE(is_neighbour(graph, a, a));
        EXPECT_TRUE(std::is_sorted(graph.neighbours(a).begin(), graph.neighbours(a).end()));
        for (const int b : graph.neighbours(a)) {
          EXPECT_TRUE(is_neighbour(graph, b, a)) << kind << ranks;
        }
      }
    }
  }
}

TEST(Graph, HasTheDegreesOfItsKind) {
  for (int rank = 0; rank < 16; ++rank) {
    EXPECT_EQ(graph_of("ring", 16).degree(rank), 2U);
    EXPECT_EQ(graph_of("torus", 16).degree(rank), 4U);
    EXPECT_EQ(graph_of("complete", 16).degree(rank), 15U);
    EXPECT_EQ(graph_of("hypercube", 16).degree(rank), 4U);
    // ±1, ±2, ±4 and 8, which is its own opposite.
    EXPECT_EQ(graph_of("exponential", 16).degree(rank), 7U);
    EXPECT_EQ(graph_of("star", 16).degree(rank), rank == 0 ? 15U : 1U);
    EXPECT_EQ(graph_of("random-regular", 16).degree(rank), 4U);
  }
  EXPECT_EQ(graph_of("ring", 16).eccentricity(3), 8U);
  EXPECT_EQ(graph_of("hypercube", 16).eccentricity(0), 4U);
  EXPECT_EQ(graph_of("star", 16).eccentricity(1), 2U);
}

TEST(Graph, IsTheSameForASeed) {
  for (const char* kind : {"random-regular", "erdos-renyi"}) {
    bool differs = false;
    for (int rank = 0; rank < 20; ++rank) {
      EXPECT_EQ(graph_of(kind, 20, 5).neighbours(rank), graph_of(kind, 20, 5).neighbours(rank));
      differs = differs || graph_of(kind, 20, 5).neighbours(rank) != graph_of(kind, 20, 6).neighbours(rank);
    }
    EXPECT_TRUE(differs) << kind;
  }
}

TEST(Graph, OfTooFewEdgesIsRefused) {
  const Settings sparse(std::map<std::string, std::string>{{"graph", "erdos-renyi"}, {"probability", "0.01"}});
  EXPECT_THROW(make_graph(sparse, 30, 1), InputError);
}

TEST(MetropolisWeights, AreSymmetricAndDoublyStochastic) {
  for (const char* kind : {"ring", "star", "erdos-renyi", "exponential"}) {
    constexpr int kRanks = 9;
    const Graph graph = graph_of(kind, kRanks);
    double matrix[kRanks][kRanks] = {};
    for (int row = 0; row < kRanks; ++row) {
      int last = -1;
      for (const Mixing& mixing : metropolis_weights(graph, row)) {
        EXPECT_GT(mixing.rank, last);
        last = mixing.rank;
        EXPECT_GT(mixing.weight, 0);
        matrix[row][mixing.rank] = mixing.weight;
      }
    }
    for (int a = 0; a < kRanks; ++a) {
      double sum = 0;
      for (int b = 0; b < kRanks; ++b) {
        EXPECT_EQ(matrix[a][b], a == b ? matrix[a][a] : matrix[b][a]);
        EXPECT_EQ(a != b && matrix[a][b] > 0, is_neighbour(graph, a, b));
        sum += matrix[a][b];
      }
      EXPECT_NEAR(sum, 1, 1e-15);
    }
  }
}

}  // namespace
}  // namespace descent
