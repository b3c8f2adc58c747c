#include "algorithms/collectives/chunk_layout.hpp"

#include <utility>

namespace descent {

ChunkLayout::ChunkLayout(const std::vector<std::size_t>& sizes) : size_(0), chunks_(sizes.size()) {
  std::vector<std::size_t> begins{0};
  begins.reserve(sizes.size() + 1);
  for (const std::size_t size : sizes) {
    size_ += size;
    begins.push_back(size_);
  }
  begins_ = std::make_shared<const std::vector<std::size_t>>(std::move(begins));
}

bool ChunkLayout::operator==(const ChunkLayout& other) const {
  if (size_ != other.size_ || chunks_ != other.chunks_) {
    return false;
  }
  if (begins_ == other.begins_) {
    return true;
  }
  return begins_ && other.begins_ && *begins_ == *other.begins_;
}

}  // namespace descent
