#pragma once

#include "sim/record/rank_record.hpp"

#include <string>
#include <vector>

namespace descent {

/// What one rank of an MPI run recorded, for the trip to rank 0.
struct Recording {
  RankRecord record;
  std::vector<ObservedPart> parts;
  Durations collectives;
  /// When the rank ended.
  double end_s = 0;
  /// Its program came to its end; else it is dead, or gave up on others, which says why.
  bool ended = true;
  std::string gave_up;
};

/// As bytes (CBOR) and back, with the same bits.
std::string pack(const Recording& recording);
Recording unpack(const std::string& bytes);

/// Sets each part's bytes_sent to what all ranks had sent at its time.
void count_bytes(std::vector<Recording>& recordings);

}  // namespace descent
