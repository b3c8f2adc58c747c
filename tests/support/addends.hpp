#pragma once

#include "algorithms/core/random.hpp"
#include "algorithms/math/vector.hpp"

#include <cstdint>
#include <vector>

namespace descent::test {

/// Vectors of `ranks` ranks whose sum depends on the order of the additions.
inline std::vector<Snapshot> addends_of(int ranks, std::size_t size) {
  std::vector<Snapshot> addends;
  for (int rank = 0; rank < ranks; ++rank) {
    RandomStream random(7, Purpose::test, static_cast<std::uint64_t>(rank), size);
    Buffer buffer(Precision::single_precision, size);
    for (float& value : buffer.as<float>()) {
      value = static_cast<float>(random()) / 1e9F - 2 + 1000 * static_cast<float>(random() % 3);
    }
    addends.push_back(std::move(buffer).freeze());
  }
  return addends;
}

}  // namespace descent::test
