#pragma once

#include "algorithms/core/random.hpp"

#include <boost/random/uniform_int_distribution.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace descent {

/// Fisher and Yates, with the same result on every platform (std::shuffle's is not specified).
template <class T>
void shuffle(std::vector<T>& items, RandomStream& random) {
  for (std::size_t i = items.size(); i > 1; --i) {
    boost::random::uniform_int_distribution<std::size_t> pick(0, i - 1);
    std::swap(items[i - 1], items[pick(random)]);
  }
}

}  // namespace descent
