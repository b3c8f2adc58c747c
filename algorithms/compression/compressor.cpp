#include "algorithms/compression/compressor.hpp"

#include "algorithms/compression/words.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace descent {
namespace {

void check_that(bool holds, const char* what) {
  if (!holds) {
    throw std::logic_error(what);
  }
}

bool any_placeholder(std::span<const Snapshot> snapshots) {
  return std::any_of(snapshots.begin(), snapshots.end(), [](const Snapshot& one) { return one.is_placeholder(); });
}

/// Error feedback: the residual added, the decoded vector computed and subtracted.
double feedback_flops(double decode_flops, Part part) {
  return decode_flops + 2 * static_cast<double>(part.count);
}

}  // namespace

Snapshot Compressor::addend(const Snapshot& vector, CompressorState& state, Part part) const {
  check_that(vector.size() == part.count, "a vector is encoded as a part of another length");
  Snapshot residual = std::exchange(state.residual, {});
  if (residual.empty()) {
    return vector.computed();
  }
  check_that(residual.size() == part.count && residual.precision() == vector.precision(),
             "a compressor's state is of a vector of another length or precision");
  return sum(vector, std::move(residual));
}

Encoded Compressor::encode(const Snapshot& vector, CompressorState state, const Origin& origin) const {
  const std::uint64_t bytes = encoded_bytes(origin.part, origin.step);
  if (vector.is_placeholder()) {
    return {Snapshot::placeholder(Precision::single_precision, words_for(bytes)), bytes, std::move(state)};
  }
  Snapshot input = addend(vector, state, origin.part);
  Snapshot words = codec_->encode(input, state.memory, origin);
  check_that(words.size() == words_for(bytes), "a codec writes as many words as it says");
  if (feeds_back()) {
    Buffer residual = Buffer::from(std::move(input));
    codec_->accumulate(words, origin.part, -1, residual);
    state.residual = std::move(residual).freeze();
  }
  return {std::move(words), bytes, std::move(state)};
}

Snapshot Compressor::decode(const Snapshot& words, Part part, Precision precision) const {
  if (words.is_placeholder()) {
    return Snapshot::placeholder(precision, part.count);
  }
  check_that(codec_->fits(words, part), "words are decoded that are not of a vector of this length");
  return codec_->decode(words, part, precision);
}

Snapshot Compressor::combine(std::span<const Snapshot> words, Part part, Precision precision) const {
  if (any_placeholder(words)) {
    return Snapshot::placeholder(precision, part.count);
  }
  for (const Snapshot& one : words) {
    check_that(codec_->fits(one, part), "words are combined that are not of a vector of this length");
  }
  return codec_->combine(words, part, precision);
}

std::size_t Compressor::stages() const {
  const LinearCodec* codec = codec_->linear();
  return codec != nullptr ? codec->stages() : 0;
}

const LinearCodec& Compressor::linear() const {
  const LinearCodec* codec = codec_->linear();
  check_that(codec != nullptr, "this compressor has no compact values that can be summed");
  return *codec;
}

std::size_t Compressor::compact_size(Part part, std::size_t stage) const {
  return linear().compact_size(part, stage);
}

CompactSum Compressor::begin_sum(const Snapshot& vector, CompressorState state, const Origin& origin) const {
  CompactSum begun{origin, {}, std::move(state), {}, {}};
  if (vector.is_placeholder()) {
    begun.addend = vector;
    begun.own = Snapshot::placeholder(Precision::single_precision, compact_size(origin.part, 0));
  } else {
    begun.addend = addend(vector, begun.state, origin.part);
    begun.own = linear().compact(begun.addend, begun.state.memory, {}, origin);
  }
  return begun;
}

CompactSum Compressor::end_stage(CompactSum under_way, Snapshot sum) const {
  const Origin& origin = under_way.origin;
  const std::size_t stage = under_way.sums.size();
  check_that(stage < stages() && sum.size() == compact_size(origin.part, stage), "a sum is not of the stage under way");
  under_way.sums.push_back(std::move(sum));
  if (stage + 1 == stages()) {
    return under_way;  // `own` of the last stage is still needed: it is what this rank has sent
  }
  under_way.own = under_way.addend.is_placeholder()
                      ? Snapshot::placeholder(Precision::single_precision, compact_size(origin.part, stage + 1))
                      : linear().compact(under_way.addend, under_way.state.memory, under_way.sums, origin);
  return under_way;
}

CompressorState Compressor::end_sum(CompactSum over) const {
  check_that(over.sums.size() == stages(), "a sum ends before its last stage");
  if (over.addend.is_placeholder()) {
    return std::move(over.state);
  }
  const Part part = over.origin.part;
  linear().remember(over.sums, part, over.state.memory);
  if (feeds_back()) {
    const Precision precision = over.addend.precision();
    over.sums.back() = std::move(over.own);
    Buffer sent = Buffer::from(linear().expand(over.sums, part, over.origin.step, precision));
    sent.scale(-1);
    over.state.residual = sum(std::move(over.addend), std::move(sent).freeze());
  }
  return std::move(over.state);
}

Snapshot Compressor::expand(std::span<const Snapshot> sums, Part part, std::uint64_t step, Precision precision) const {
  check_that(sums.size() == stages(), "a vector is expanded from the sums of all stages");
  return any_placeholder(sums) ? Snapshot::placeholder(precision, part.count)
                               : linear().expand(sums, part, step, precision);
}

double Compressor::encode_flops(Part part) const {
  return codec_->encode_flops(part) + (feeds_back() ? feedback_flops(decode_flops(part), part) : 0);
}

double Compressor::compact_flops(Part part, std::size_t stage) const {
  return linear().compact_flops(part, stage);
}

double Compressor::end_sum_flops(Part part) const {
  return feeds_back() ? feedback_flops(decode_flops(part), part) : 0;
}

}  // namespace descent
