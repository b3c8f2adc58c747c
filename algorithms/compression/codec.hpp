#pragma once

#include "algorithms/math/vector.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace descent {

/// Where an encoding comes from: which part of the whole vector it is, of which rank, at which of its steps. Random
/// numbers depend on these and the seed alone.
struct Origin {
  Part part{};
  std::uint64_t rank = 0;
  std::uint64_t step = 0;
};

class LinearCodec;

/// How a vector is written in fewer bytes, and read back. Immutable and thread-safe; what a sender remembers from step
/// to step is its memory, which is empty before the first.
///
/// Words are 32 bits wide, held in a snapshot of single precision that nobody calculates with; the last is padded with
/// zero bits. All numbers on the wire are of single precision, whatever that of the vector, and indices of 32 bits.
/// A vector that is not finite decodes to one that is not finite, unless random coordinates miss it.
///
/// Flops are counted as in models/model.hpp; beyond that a magnitude, a conversion between formats, a random number, a
/// field of bits packed or unpacked, and an element that is only moved count one each.
class Codec {
 public:
  using Memory = std::vector<Snapshot>;

  virtual ~Codec() = default;

  /// Bytes that any vector of this part is on the wire at a step.
  virtual std::uint64_t encoded_bytes(Part part, std::uint64_t step) const = 0;
  /// As many words as `encoded_bytes` needs. Precondition: `vector` has data, and as many elements as the part.
  virtual Snapshot encode(const Snapshot& vector, Memory& memory, const Origin& origin) const = 0;
  /// Whether these words can be of a vector of this part.
  virtual bool fits(const Snapshot& words, Part part) const;
  /// Precondition of this and what follows: the words fit.
  virtual Snapshot decode(const Snapshot& words, Part part, Precision precision) const = 0;
  /// `target` += `sign` times the decoded vector; `sign` is 1 or -1.
  virtual void accumulate(const Snapshot& words, Part part, int sign, Buffer& target) const;
  /// What a receiver takes for the sum of the vectors, in the order given: their sum, unless the codec says otherwise.
  virtual Snapshot combine(std::span<const Snapshot> words, Part part, Precision precision) const;
  virtual bool combines_to_sum() const { return true; }

  virtual double encode_flops(Part part) const = 0;
  virtual double decode_flops(Part part) const = 0;
  virtual double combine_flops(Part part, std::size_t vectors) const;

  /// Vectors as long as the part that a sender's memory holds.
  virtual std::size_t memory_vectors() const { return 0; }
  /// Throws InputError where a vector cut into these parts cannot be encoded.
  virtual void check(std::span<const Part> /*parts*/) const {}
  /// The codec itself where its compact values can be summed, else nullptr.
  virtual const LinearCodec* linear() const { return nullptr; }
};

/// A codec whose compact values, rather than decoded vectors, ranks can sum: in stages, each a sum over all ranks of as
/// many numbers of single precision, from which together every rank expands the same vector.
class LinearCodec : public Codec {
 public:
  virtual std::size_t stages() const = 0;
  virtual std::size_t compact_size(Part part, std::size_t stage) const = 0;
  /// A rank's values of the next stage; `sums` are those of the stages that are over.
  virtual Snapshot compact(const Snapshot& vector, const Memory& memory, std::span<const Snapshot> sums,
                           const Origin& origin) const = 0;
  /// The sum of all ranks' vectors from the sums of all stages. Linear in the last: with a rank's own values in its
  /// place it is that rank's share of the sum.
  virtual Snapshot expand(std::span<const Snapshot> sums, Part part, std::uint64_t step, Precision precision) const = 0;
  /// What a sender remembers of the sums of all stages.
  virtual void remember(std::span<const Snapshot> /*sums*/, Part /*part*/, Memory& /*memory*/) const {}
  virtual double compact_flops(Part part, std::size_t stage) const = 0;

  const LinearCodec* linear() const final { return this; }
};

}  // namespace descent
