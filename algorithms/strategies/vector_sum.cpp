#include "algorithms/strategies/vector_sum.hpp"

#include <fmt/format.h>

#include <utility>

namespace descent {
namespace {

constexpr double kWord = 4;

}  // namespace

VectorSum::VectorSum(const CollectiveChoice& choice, std::shared_ptr<const Compressor> compressor,
                     Communicator& communicator, Learner& learner, Group group)
    : choice_(choice),
      compressor_(std::move(compressor)),
      communicator_(communicator),
      learner_(learner),
      group_(std::move(group)),
      plain_(choice, communicator, group_, learner.bytes_per_parameter(), 0) {}

/// Each has tags of its own: ranks that are through with one may begin with another.
Collective& VectorSum::encoded_collective(double bytes_per_word) {
  const auto tag = static_cast<Tag>(Collective::kTags * (1 + encoded_.size()));
  return encoded_.try_emplace(bytes_per_word, choice_, communicator_, group_, bytes_per_word, tag).first->second;
}

Reduced VectorSum::of(Snapshot mine, Part part, std::optional<bool> flag) {
  if (!compressor_) {
    return plain_.allreduce(std::move(mine), flag);
  }
  Sender& sender = senders_[part.begin];
  const Origin origin{part, static_cast<std::uint64_t>(communicator_.rank()), sender.step++};
  return compressor_->stages() > 0 ? sum_compact(sender, mine, origin, flag) : gather(sender, mine, origin, flag);
}

Reduced VectorSum::sum_compact(Sender& sender, const Snapshot& mine, const Origin& origin, std::optional<bool> flag) {
  Reduced result;
  CompactSum sum;
  compute(compressor_->compact_flops(origin.part, 0),
          [&] { sum = compressor_->begin_sum(mine, std::exchange(sender.state, {}), origin); });
  Collective& collective = encoded_collective(kWord * learner_.encoded_scale());
  for (std::size_t stage = 0; stage < compressor_->stages(); ++stage) {
    Reduced values = collective.allreduce(sum.own, stage == 0 ? flag : std::nullopt);
    result.flagged = result.flagged || values.flagged;
    const bool last = stage + 1 == compressor_->stages();
    compute(last ? 0 : compressor_->compact_flops(origin.part, stage + 1),
            [&] { sum = compressor_->end_stage(std::move(sum), std::move(values.sum)); });
  }
  const std::vector<Snapshot> sums = sum.sums;
  const Precision precision = learner_.problem().precision();
  compute(compressor_->decode_flops(origin.part), [&] {
    result.sum = learner_.once(sums, [&] { return compressor_->expand(sums, origin.part, origin.step, precision); });
  });
  compute(compressor_->end_sum_flops(origin.part), [&] { sender.state = compressor_->end_sum(std::move(sum)); });
  return result;
}

Reduced VectorSum::gather(Sender& sender, const Snapshot& mine, const Origin& origin, std::optional<bool> flag) {
  Encoded encoded;
  compute(compressor_->encode_flops(origin.part),
          [&] { encoded = compressor_->encode(mine, std::exchange(sender.state, {}), origin); });
  sender.state = std::move(encoded.state);
  const std::vector<std::size_t> sizes(static_cast<std::size_t>(group_.size()), encoded.words.size());
  const auto words = static_cast<double>(encoded.words.size());
  const auto bytes = static_cast<double>(learner_.encoded_wire_bytes(encoded.wire_bytes));
  Collective& collective = encoded_collective(words > 0 ? bytes / words : kWord);
  Gathered all = collective.all_gather_each(std::move(encoded.words), sizes, flag);
  Reduced result;
  result.flagged = all.flagged;
  const Precision precision = learner_.problem().precision();
  compute(compressor_->combine_flops(origin.part, all.vectors.size()), [&] {
    result.sum = learner_.once(all.vectors, [&] { return compressor_->combine(all.vectors, origin.part, precision); });
  });
  return result;
}

std::vector<std::string> compression_faults(const CollectiveChoice& choice, const Compressor* compressor) {
  if (compressor == nullptr || compressor->stages() > 0) {
    return {};
  }
  const std::string fault = fault_of(*choice.row, CollectiveOperation::all_gather);
  if (fault.empty()) {
    return {};
  }
  return {
      fmt::format("<compression>: what this one encodes cannot be summed on the way and is gathered (random-k and "
                  "powersgd can); {}",
                  fault)};
}

}  // namespace descent
