#pragma once

#include "algorithms/collectives/chunk_layout.hpp"
#include "algorithms/math/vector.hpp"

#include <cstddef>
#include <vector>

namespace descent {

/// What a rank holds of a vector while a schedule is played: pieces, each of neighbouring chunks, with holes where it
/// holds nothing yet. Chunks are cut out without a copy where they lie in one piece.
class ChunkedVector {
 public:
  /// `values`: of the chunks `held`. The rest are holes.
  ChunkedVector(ChunkLayout layout, ChunkRange held, Snapshot values);

  /// Precondition: there are no holes among them.
  Snapshot get(ChunkRange chunks) const;
  /// Adds to what is there.
  void add(ChunkRange chunks, Snapshot addend);
  /// Takes the place of what is there, or is not.
  void store(ChunkRange chunks, Snapshot values);

 private:
  struct Piece {
    std::size_t begin;
    /// Nothing of a hole.
    Snapshot values;
  };

  /// The piece that begins at this chunk, or the end; cut off from the one before where need be.
  std::size_t cut_at(std::size_t chunk);
  std::size_t end_of(std::size_t piece) const {
    return piece + 1 < pieces_.size() ? pieces_[piece + 1].begin : layout_.chunks();
  }

  ChunkLayout layout_;
  std::vector<Piece> pieces_;
};

}  // namespace descent
