#include "algorithms/strategies/encoder.hpp"

#include <utility>

namespace descent {

void Encoder::put(Message& message, Snapshot vector, Part part) {
  if (!compressor_) {
    message.payload = std::move(vector);
    message.wire_bytes = learner_.wire_bytes(part.begin, part.count);
    return;
  }
  Sender& sender = senders_[part.begin];
  const Origin origin{part, static_cast<std::uint64_t>(communicator_.rank()), sender.step++};
  Encoded encoded;
  learner_.compute(compressor_->encode_flops(part),
                   [&] { encoded = compressor_->encode(vector, std::exchange(sender.state, {}), origin); });
  sender.state = std::move(encoded.state);
  message.payload = std::move(encoded.words);
  message.wire_bytes = learner_.encoded_wire_bytes(encoded.wire_bytes);
}

Snapshot decoded(const Compressor* compressor, Learner& learner, Snapshot payload, Part part) {
  if (compressor == nullptr) {
    return payload;
  }
  Snapshot vector;
  const Precision precision = learner.problem().precision();
  learner.compute(compressor->decode_flops(part), [&] { vector = compressor->decode(payload, part, precision); });
  return vector;
}

Snapshot decoded(const Compressor* compressor, Learner& learner, Snapshot payload) {
  return decoded(compressor, learner, std::move(payload), {0, learner.problem().parameters()});
}

std::vector<std::string> tracking_faults(const Compressor& compressor) {
  if (!compressor.feeds_back()) {
    return {
        "<compression>: receivers add up the differences that they are sent, so what is left out must follow; allowed: "
        "error-feedback=\"yes\""};
  }
  if (!compressor.combines_to_sum()) {
    return {
        "<compression>: receivers add up the differences that they are sent, of which a majority vote knows no sizes; "
        "allowed: majority-vote=\"no\""};
  }
  return {};
}

}  // namespace descent
