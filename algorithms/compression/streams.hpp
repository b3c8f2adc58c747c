#pragma once

#include "algorithms/compression/codec.hpp"
#include "algorithms/core/random.hpp"

namespace descent {

/// A sender's random numbers, independent of those of other ranks, steps and parts (ranks and elements below 2³² − 1).
inline RandomStream own_stream(std::uint64_t seed, const Origin& origin) {
  return {seed, Purpose::compression, std::uint64_t{origin.part.begin} << 32U | origin.rank, origin.step};
}

/// The same on all ranks: in the name of one that does not exist.
inline RandomStream shared_stream(std::uint64_t seed, std::size_t begin, std::uint64_t step) {
  return own_stream(seed, {{begin, 0}, 0xFFFFFFFFU, step});
}

}  // namespace descent
