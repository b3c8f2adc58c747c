#include "algorithms/collectives/torus.hpp"

namespace descent {

TorusSchedule::TorusSchedule(int ranks, int rows) : columns_(ranks / rows), along_row_(columns_), along_column_(rows) {}

int TorusSchedule::default_rows(int ranks) {
  int rows = 1;
  for (int divisor = 2; divisor <= ranks / divisor; ++divisor) {
    rows = ranks % divisor == 0 ? divisor : rows;
  }
  return rows;
}

/// The part of one ring, with its ranks and chunks told as those of the torus.
void TorusSchedule::at(std::size_t round, int rank, RoundPart& part) const {
  const int row = rank / columns_;
  const int column = rank % columns_;
  const std::size_t block = along_column_.chunks();
  if (is_along_column(round)) {
    along_column_.at(round - row_half(), row, part);
    const std::size_t first = along_row_.owned(column).begin * block;
    for (Transfer& send : part.sends) {
      send = {send.peer * columns_ + column, {first + send.chunks.begin}};
    }
    for (Reception& reception : part.receives) {
      reception = {reception.peer * columns_ + column, {first + reception.chunks.begin}, reception.then};
    }
    return;
  }
  along_row_.at(round < row_half() ? round : round - along_column_.rounds(), column, part);
  for (Transfer& send : part.sends) {
    send = {row * columns_ + send.peer, {send.chunks.begin * block, block}};
  }
  for (Reception& reception : part.receives) {
    reception = {row * columns_ + reception.peer, {reception.chunks.begin * block, block}, reception.then};
  }
}

std::size_t TorusSchedule::pattern(std::size_t round) const {
  return is_along_column(round) && columns_ > 1 ? 1 : 0;
}

ChunkRange TorusSchedule::owned(int rank) const {
  return {along_row_.owned(rank % columns_).begin * along_column_.chunks() +
          along_column_.owned(rank / columns_).begin};
}

}  // namespace descent
