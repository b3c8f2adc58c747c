#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

namespace descent {

inline constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

/// How many ranks of a role a strategy takes.
struct RankRange {
  std::size_t least = 0;
  std::size_t most = 0;
};

/// What a strategy needs beside its own parameters.
struct StrategyNeeds {
  std::string_view strategy;
  RankRange workers;
  RankRange servers;
  /// Sums gradients by a <collective>.
  bool collective = false;
  /// Takes mini-batches; otherwise the full batch.
  bool batches = true;
};

/// The needs of a strategy, or nullptr for one that is not known.
const StrategyNeeds* find_needs(std::string_view strategy);

/// True for a model that brings its own objective and takes no <data>.
bool has_no_data(std::string_view model);

}  // namespace descent
