#include "algorithms/graphs/graph.hpp"

#include "algorithms/core/error.hpp"
#include "algorithms/core/random.hpp"

#include <fmt/format.h>
#include <boost/random/bernoulli_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace descent {
namespace {

using Neighbours = std::vector<std::vector<int>>;

/// Collects edges; loops and repetitions are left out.
class Edges {
 public:
  explicit Edges(int ranks) : neighbours_(static_cast<std::size_t>(ranks)) {}

  void add(int a, int b) {
    if (a != b && !has(a, b)) {
      neighbours_[static_cast<std::size_t>(a)].push_back(b);
      neighbours_[static_cast<std::size_t>(b)].push_back(a);
    }
  }
  bool has(int a, int b) const {
    const auto& of_a = neighbours_[static_cast<std::size_t>(a)];
    return std::find(of_a.begin(), of_a.end(), b) != of_a.end();
  }
  Neighbours take() && { return std::move(neighbours_); }

 private:
  Neighbours neighbours_;
};

/// Distance of every rank from one, -1 where there is no way.
std::vector<int> distances(const Neighbours& neighbours, int from) {
  std::vector<int> distance(neighbours.size(), -1);
  std::vector<int> queue{from};
  distance[static_cast<std::size_t>(from)] = 0;
  for (std::size_t next = 0; next < queue.size(); ++next) {
    const auto rank = static_cast<std::size_t>(queue[next]);
    for (const int neighbour : neighbours[rank]) {
      int& known = distance[static_cast<std::size_t>(neighbour)];
      if (known < 0) {
        known = distance[rank] + 1;
        queue.push_back(neighbour);
      }
    }
  }
  return distance;
}

bool is_connected(const Neighbours& neighbours) {
  const std::vector<int> distance = distances(neighbours, 0);
  return std::find(distance.begin(), distance.end(), -1) == distance.end();
}

Neighbours ring(int ranks) {
  Edges edges(ranks);
  for (int rank = 0; rank < ranks; ++rank) {
    edges.add(rank, (rank + 1) % ranks);
  }
  return std::move(edges).take();
}

/// The most square of the grids that have all ranks, with both pairs of opposite sides joined.
Neighbours torus(int ranks) {
  int rows = static_cast<int>(std::sqrt(static_cast<double>(ranks)));
  while (ranks % rows != 0) {
    --rows;
  }
  const int columns = ranks / rows;
  Edges edges(ranks);
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const int rank = row * columns + column;
      edges.add(rank, row * columns + (column + 1) % columns);
      edges.add(rank, (row + 1) % rows * columns + column);
    }
  }
  return std::move(edges).take();
}

Neighbours complete(int ranks) {
  Neighbours neighbours(static_cast<std::size_t>(ranks));
  for (int a = 0; a < ranks; ++a) {
    for (int b = 0; b < ranks; ++b) {
      if (a != b) {
        neighbours[static_cast<std::size_t>(a)].push_back(b);
      }
    }
  }
  return neighbours;
}

/// Ranks whose numbers differ in one bit.
Neighbours hypercube(int ranks) {
  Edges edges(ranks);
  for (int rank = 0; rank < ranks; ++rank) {
    for (int bit = 1; bit < ranks; bit *= 2) {
      edges.add(rank, rank ^ bit);
    }
  }
  return std::move(edges).take();
}

/// Ranks at distances 1, 2, 4, … on a ring.
Neighbours exponential(int ranks) {
  Edges edges(ranks);
  for (int rank = 0; rank < ranks; ++rank) {
    for (int hop = 1; hop < ranks; hop *= 2) {
      edges.add(rank, (rank + hop) % ranks);
    }
  }
  return std::move(edges).take();
}

Neighbours star(int ranks) {
  Edges edges(ranks);
  for (int rank = 1; rank < ranks; ++rank) {
    edges.add(0, rank);
  }
  return std::move(edges).take();
}

/// Ends of edges are paired at random; those that would be loops or repetitions are exchanged with others (after McKay
/// & Wormald 1990). Nothing where that does not come out.
std::optional<Neighbours> random_regular(int ranks, int degree, RandomStream& random) {
  std::vector<std::pair<int, int>> pairs;
  std::vector<int> ends;
  for (int rank = 0; rank < ranks; ++rank) {
    ends.insert(ends.end(), static_cast<std::size_t>(degree), rank);
  }
  const auto draw = [&](std::size_t below) {
    return boost::random::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  for (std::size_t i = ends.size(); i > 1; --i) {
    std::swap(ends[i - 1], ends[draw(i)]);
  }
  Edges edges(ranks);
  std::vector<std::pair<int, int>> made;
  for (std::size_t i = 0; i < ends.size(); i += 2) {
    pairs.emplace_back(ends[i], ends[i + 1]);
  }
  const auto count = [&](const std::pair<int, int>& pair) {
    return std::count_if(pairs.begin(), pairs.end(), [&](const auto& other) {
      return std::minmax(other.first, other.second) == std::minmax(pair.first, pair.second);
    });
  };
  constexpr int kExchanges = 100000;
  for (int exchange = 0; exchange < kExchanges; ++exchange) {
    const auto bad = std::find_if(pairs.begin(), pairs.end(),
                                  [&](const auto& pair) { return pair.first == pair.second || count(pair) > 1; });
    if (bad == pairs.end()) {
      for (const auto& pair : pairs) {
        edges.add(pair.first, pair.second);
      }
      return std::move(edges).take();
    }
    std::swap(bad->second, pairs[draw(pairs.size())].first);
  }
  return std::nullopt;
}

Neighbours erdos_renyi(int ranks, double probability, RandomStream& random) {
  boost::random::bernoulli_distribution<double> present(probability);
  Edges edges(ranks);
  for (int a = 0; a < ranks; ++a) {
    for (int b = a + 1; b < ranks; ++b) {
      if (present(random)) {
        edges.add(a, b);
      }
    }
  }
  return std::move(edges).take();
}

struct Shape {
  const char* name;
  Neighbours (*make)(int ranks);
};
constexpr Shape kShapes[] = {
    {"ring", ring}, {"torus", torus}, {"complete", complete}, {"hypercube", hypercube}, {"exponential", exponential},
    {"star", star}};

/// Draws until one is connected.
template <class Draw>
Graph first_connected(const std::string& kind, Draw&& draw) {
  constexpr int kTries = 1000;
  for (int i = 0; i < kTries; ++i) {
    std::optional<Neighbours> drawn = draw();
    if (drawn && is_connected(*drawn)) {
      return Graph(*std::move(drawn));
    }
  }
  throw InputError(
      fmt::format("graph=\"{}\": none of {} random graphs is connected; allowed: more edges", kind, kTries));
}

}  // namespace

Graph::Graph(std::vector<std::vector<int>> neighbours) : neighbours_(std::move(neighbours)) {
  for (std::vector<int>& of_one : neighbours_) {
    std::sort(of_one.begin(), of_one.end());
  }
}

std::size_t Graph::eccentricity(int rank) const {
  const std::vector<int> distance = distances(neighbours_, rank);
  return static_cast<std::size_t>(*std::max_element(distance.begin(), distance.end()));
}

std::vector<Mixing> metropolis_weights(const Graph& graph, int rank) {
  std::vector<Mixing> weights;
  double own = 1;
  for (const int neighbour : graph.neighbours(rank)) {
    const double weight = 1.0 / (1 + static_cast<double>(std::max(graph.degree(rank), graph.degree(neighbour))));
    weights.push_back({neighbour, weight});
    own -= weight;
  }
  const auto place = std::find_if(weights.begin(), weights.end(), [&](const Mixing& w) { return w.rank > rank; });
  weights.insert(place, {rank, own});
  return weights;
}

std::vector<Parameter> graph_parameters() {
  return {
      {.name = "graph",
       .type = ParameterType::choice,
       .fallback = std::nullopt,
       .meaning = "who talks to whom. torus: the most square grid; hypercube: ranks that differ in one bit; "
                  "exponential: ranks at distances 1, 2, 4, ... on a ring; star: all with rank 0",
       .choices = {"ring", "torus", "complete", "hypercube", "exponential", "star", "random-regular", "erdos-renyi"}},
      {.name = "degree",
       .type = ParameterType::integer,
       .fallback = "",
       .meaning = "neighbours of each rank (random-regular)",
       .least = 1},
      {.name = "probability",
       .type = ParameterType::real,
       .fallback = "",
       .meaning = "of each edge (erdos-renyi)",
       .least = 0,
       .most = 1,
       .above = true}};
}

std::vector<std::string> graph_faults(const Settings& settings, std::optional<int> ranks) {
  const std::string& kind = settings.text("graph");
  std::vector<std::string> faults;
  for (const auto& [owner, name] : {std::pair("random-regular", "degree"), std::pair("erdos-renyi", "probability")}) {
    if (kind == owner && !settings.has(name)) {
      faults.push_back(fmt::format("graph=\"{}\" needs the attribute '{}'", kind, name));
    } else if (kind != owner && settings.has(name)) {
      faults.push_back(fmt::format("graph=\"{}\" has no {}; only {} has", kind, name, owner));
    }
  }
  if (!ranks || !faults.empty()) {
    return faults;
  }
  if (kind == "hypercube" && !std::has_single_bit(static_cast<unsigned>(*ranks))) {
    faults.push_back(fmt::format("graph=\"hypercube\": {} workers are no power of two", *ranks));
  } else if (kind == "random-regular") {
    const std::uint64_t degree = settings.integer("degree");
    const auto count = static_cast<std::uint64_t>(*ranks);
    if (degree >= count || degree * count % 2 != 0) {
      faults.push_back(
          fmt::format("graph=\"random-regular\": no {} workers have {} neighbours each; allowed: fewer than "
                      "the workers, and an even number of ends of edges",
                      count, degree));
    }
  }
  return faults;
}

Graph make_graph(const Settings& settings, int ranks, std::uint64_t seed) {
  const std::string& kind = settings.text("graph");
  RandomStream random(seed, Purpose::graph);
  if (kind == "random-regular") {
    const int degree = static_cast<int>(settings.integer("degree"));
    return first_connected(kind, [&] { return random_regular(ranks, degree, random); });
  }
  if (kind == "erdos-renyi") {
    return first_connected(kind,
                           [&] { return std::optional(erdos_renyi(ranks, settings.real("probability"), random)); });
  }
  const auto* const shape =
      std::find_if(std::begin(kShapes), std::end(kShapes), [&](const Shape& s) { return kind == s.name; });
  return Graph(shape->make(ranks));
}

}  // namespace descent
