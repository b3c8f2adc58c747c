#pragma once

#include "algorithms/collectives/schedule.hpp"
#include "algorithms/math/vector.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace descent {

/// Where the chunks of a vector lie. Copies share what is stored.
class ChunkLayout {
 public:
  /// `chunks` nearly equal parts of `size` elements: part_of.
  ChunkLayout(std::size_t size, std::size_t chunks) : size_(size), chunks_(chunks) {}
  /// One chunk of each size, one after the other.
  explicit ChunkLayout(const std::vector<std::size_t>& sizes);

  std::size_t size() const { return size_; }
  std::size_t chunks() const { return chunks_; }
  Part part(ChunkRange chunks) const {
    const std::size_t begin = begin_of(chunks.begin);
    return {begin, begin_of(chunks.end()) - begin};
  }
  bool operator==(const ChunkLayout& other) const;

 private:
  std::size_t begin_of(std::size_t chunk) const {
    return begins_ ? (*begins_)[chunk] : part_of(size_, chunks_, chunk).begin;
  }

  std::size_t size_;
  std::size_t chunks_;
  /// Where chunks of given sizes begin, and where the last one ends.
  std::shared_ptr<const std::vector<std::size_t>> begins_;
};

}  // namespace descent
