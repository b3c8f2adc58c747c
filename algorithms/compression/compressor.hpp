#pragma once

#include "algorithms/compression/codec.hpp"

#include <memory>
#include <span>
#include <vector>

namespace descent {

/// What a sender carries from step to step, for one part of the vector; empty before the first step. Immutable
/// snapshots.
struct CompressorState {
  /// What was not sent, with error feedback.
  Snapshot residual;
  Codec::Memory memory;
};

struct Encoded {
  /// A message's payload: bits, not numbers.
  Snapshot words;
  /// A message's bytes on the wire; the words may be up to 3 longer.
  std::uint64_t wire_bytes = 0;
  CompressorState state;
};

/// A rank's part in a sum of compact values.
struct CompactSum {
  Origin origin;
  /// What is added: the vector, and what was not sent before.
  Snapshot addend;
  CompressorState state;
  /// This rank's values of the stage under way, of single precision: what is to be summed over all ranks.
  Snapshot own;
  /// Of the stages that are over.
  std::vector<Snapshot> sums;
};

/// What a gradient, or a difference of parameters, becomes on the wire, and what its receivers make of it. One for all
/// ranks: immutable and thread-safe. Its functions are pure, and read vectors, so they belong into kernels; a deferred
/// vector is computed and not kept. Without mathematics they take and give placeholders of the right size.
///
/// With error feedback (Seide et al. 2014; Karimireddy et al. 2019, algorithm 2) what a step does not send is added to
/// the vector of the next: sent + residual = vector + residual before, to rounding.
///
/// Either a sender encodes, and every receiver decodes one vector or combines several. Or, where `stages` is not zero,
/// ranks sum compact values, stage by stage, by any allreduce, at 4 bytes a value:
///
///   CompactSum sum = compressor.begin_sum(vector, state, origin);
///   for (std::size_t stage = 0; stage < compressor.stages(); ++stage) {
///     sum = compressor.end_stage(std::move(sum), allreduce(sum.own));
///   }
///   total = compressor.expand(sum.sums, part, step, precision);   // the same on all ranks
///   state = compressor.end_sum(std::move(sum));
///
/// Precondition of all, else std::logic_error: lengths are those of the part, and the part is one that `check` allows.
class Compressor {
 public:
  enum class Feedback { none, error };
  Compressor(std::unique_ptr<const Codec> codec, Feedback feedback) : codec_(std::move(codec)), feedback_(feedback) {}

  /// Throws InputError where a vector cut into these parts cannot be encoded; it says what is allowed.
  void check(std::span<const Part> parts) const { codec_->check(parts); }
  bool feeds_back() const { return feedback_ == Feedback::error; }
  /// `combine` gives the sum of the decoded vectors.
  bool combines_to_sum() const { return codec_->combines_to_sum(); }
  /// Vectors as long as the part that a sender's state holds; powersgd's factors do not count.
  std::size_t state_vectors() const { return codec_->memory_vectors() + (feeds_back() ? 1 : 0); }

  /// Bytes that any vector of this part is on the wire at a step, the same for all ranks.
  std::uint64_t encoded_bytes(Part part, std::uint64_t step) const { return codec_->encoded_bytes(part, step); }
  Encoded encode(const Snapshot& vector, CompressorState state, const Origin& origin) const;
  Snapshot decode(const Snapshot& words, Part part, Precision precision) const;
  /// What the receiver of several vectors takes for their sum, in the order given: the sum of the decoded ones, but
  /// with majority vote the vote.
  Snapshot combine(std::span<const Snapshot> words, Part part, Precision precision) const;

  /// Stages of a sum of compact values; 0: only decoded vectors can be added.
  std::size_t stages() const;
  /// Values that each rank has in a stage.
  std::size_t compact_size(Part part, std::size_t stage) const;
  CompactSum begin_sum(const Snapshot& vector, CompressorState state, const Origin& origin) const;
  /// Takes the sum over all ranks of their `own`.
  CompactSum end_stage(CompactSum under_way, Snapshot sum) const;
  CompressorState end_sum(CompactSum over) const;
  /// The sum of all ranks' vectors, from the sums of all stages.
  Snapshot expand(std::span<const Snapshot> sums, Part part, std::uint64_t step, Precision precision) const;

  /// Flops (convention: codec.hpp) of `encode`; of `decode` and `expand`; of `combine`; of finding a stage's values in
  /// `begin_sum` (stage 0) or `end_stage`; and of `end_sum`.
  double encode_flops(Part part) const;
  double decode_flops(Part part) const { return codec_->decode_flops(part); }
  double combine_flops(Part part, std::size_t vectors) const { return codec_->combine_flops(part, vectors); }
  double compact_flops(Part part, std::size_t stage) const;
  double end_sum_flops(Part part) const;

 private:
  /// The vector and what was not sent before, which leaves the state.
  Snapshot addend(const Snapshot& vector, CompressorState& state, Part part) const;
  const LinearCodec& linear() const;

  std::unique_ptr<const Codec> codec_;
  Feedback feedback_;
};

}  // namespace descent
