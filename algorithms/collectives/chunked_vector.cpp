#include "algorithms/collectives/chunked_vector.hpp"

#include <algorithm>
#include <utility>

namespace descent {

ChunkedVector::ChunkedVector(ChunkLayout layout, ChunkRange held, Snapshot values) : layout_(std::move(layout)) {
  pieces_.push_back({0, {}});
  if (held.count > 0) {
    store(held, std::move(values));
  }
}

Snapshot ChunkedVector::get(ChunkRange chunks) const {
  std::vector<Snapshot> parts;
  for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
    const std::size_t begin = std::max(chunks.begin, pieces_[piece].begin);
    const std::size_t end = std::min(chunks.end(), end_of(piece));
    if (begin < end) {
      const std::size_t offset = layout_.part({pieces_[piece].begin, begin - pieces_[piece].begin}).count;
      parts.push_back(pieces_[piece].values.slice(offset, layout_.part({begin, end - begin}).count));
    }
  }
  return join(parts);
}

std::size_t ChunkedVector::cut_at(std::size_t chunk) {
  const auto after = std::upper_bound(pieces_.begin(), pieces_.end(), chunk,
                                      [](std::size_t at, const Piece& piece) { return at < piece.begin; });
  const auto piece = static_cast<std::size_t>(after - pieces_.begin()) - 1;
  if (pieces_[piece].begin == chunk) {
    return piece;
  }
  if (chunk == layout_.chunks()) {
    return pieces_.size();
  }
  Snapshot& values = pieces_[piece].values;
  // A hole has no elements to cut.
  const std::size_t left =
      std::min(values.size(), layout_.part({pieces_[piece].begin, chunk - pieces_[piece].begin}).count);
  Snapshot rest = values.slice(left, values.size() - left);
  values = values.slice(0, left);
  pieces_.insert(after, {chunk, std::move(rest)});
  return piece + 1;
}

void ChunkedVector::add(ChunkRange chunks, Snapshot addend) {
  const std::size_t first = cut_at(chunks.begin);
  const std::size_t last = cut_at(chunks.end());
  if (last == first + 1) {
    Snapshot& values = pieces_[first].values;
    values = sum(std::move(values), std::move(addend));
    return;
  }
  std::size_t begin = 0;
  for (std::size_t piece = first; piece < last; ++piece) {
    Snapshot& values = pieces_[piece].values;
    const std::size_t count = values.size();
    values = sum(std::move(values), addend.slice(begin, count));
    begin += count;
  }
}

void ChunkedVector::store(ChunkRange chunks, Snapshot values) {
  const std::size_t first = cut_at(chunks.begin);
  const std::size_t last = cut_at(chunks.end());
  const auto at = [&](std::size_t piece) { return pieces_.begin() + static_cast<std::ptrdiff_t>(piece); };
  pieces_.erase(at(first + 1), at(last));
  pieces_[first].values = std::move(values);
}

}  // namespace descent
