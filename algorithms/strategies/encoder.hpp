#pragma once

#include "algorithms/compression/compressor.hpp"
#include "algorithms/strategies/learner.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace descent {

/// What a rank's gradients, or differences of parameters, become on the wire: the vector itself, or what the scenario's
/// compressor makes of it. Remembers what was not sent, for each part of the vector by itself. Takes the time of
/// encoding.
class Encoder {
 public:
  /// `compressor`: nullptr where vectors are sent as they are.
  Encoder(std::shared_ptr<const Compressor> compressor, Communicator& communicator, Learner& learner)
      : compressor_(std::move(compressor)), communicator_(communicator), learner_(learner) {}

  /// Makes the message carry `vector`, which is this part of the whole.
  void put(Message& message, Snapshot vector, Part part);
  /// `vector` is the whole.
  void put(Message& message, Snapshot vector) {
    const Part whole{0, vector.size()};
    put(message, std::move(vector), whole);
  }

 private:
  struct Sender {
    CompressorState state;
    std::uint64_t step = 0;
  };

  std::shared_ptr<const Compressor> compressor_;
  Communicator& communicator_;
  Learner& learner_;
  /// By where the part begins.
  std::map<std::size_t, Sender> senders_;
};

/// The vector that a message of an Encoder carries. Takes the time of decoding.
Snapshot decoded(const Compressor* compressor, Learner& learner, Snapshot payload, Part part);
/// It is the whole vector.
Snapshot decoded(const Compressor* compressor, Learner& learner, Snapshot payload);

/// What keeps receivers from knowing a vector, to what is not sent yet, by adding up the differences that they are
/// sent.
std::vector<std::string> tracking_faults(const Compressor& compressor);

}  // namespace descent
