#include "algorithms/compression/codec.hpp"

#include "algorithms/compression/words.hpp"

#include <utility>

namespace descent {

bool Codec::fits(const Snapshot& words, Part part) const {
  return words.size() == words_for(encoded_bytes(part, 0));
}

void Codec::accumulate(const Snapshot& words, Part part, int sign, Buffer& target) const {
  Buffer decoded = Buffer::from(decode(words, part, target.precision()));
  decoded.scale(sign);
  target.add(0, std::move(decoded).freeze());
}

Snapshot Codec::combine(std::span<const Snapshot> words, Part part, Precision precision) const {
  Buffer sum = Buffer::zeros(precision, part.count);
  for (const Snapshot& one : words) {
    accumulate(one, part, 1, sum);
  }
  return std::move(sum).freeze();
}

double Codec::combine_flops(Part part, std::size_t vectors) const {
  return static_cast<double>(vectors) * (decode_flops(part) + static_cast<double>(part.count));
}

}  // namespace descent
