#pragma once

#include "algorithms/collectives/executor.hpp"
#include "algorithms/compression/compressor.hpp"
#include "algorithms/strategies/learner.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace descent {

/// How the vectors of a group are summed: by an allreduce as they are, or compressed. Then ranks either sum compact
/// values, stage by stage, or gather what all have encoded, and every rank combines it. One object per line.
class VectorSum {
 public:
  /// `choice` must outlive it. `compressor`: nullptr where vectors are sent as they are.
  VectorSum(const CollectiveChoice& choice, std::shared_ptr<const Compressor> compressor, Communicator& communicator,
            Learner& learner, Group group);

  /// The sum of all members' `mine`, which are this part of the whole vector; with its flag, as in an allreduce. Takes
  /// the time of encoding and decoding.
  Reduced of(Snapshot mine, Part part, std::optional<bool> flag);
  /// Of whole vectors.
  Reduced of(Snapshot mine, std::optional<bool> flag) {
    const Part whole{0, mine.size()};
    return of(std::move(mine), whole, flag);
  }

  /// Whether addends may come deferred, and then how often one of so many elements is computed.
  bool takes_deferred() const { return !compressor_; }
  std::size_t computations(std::size_t elements) { return plain_.computations(elements); }

 private:
  /// What this rank remembers of a part of the vector.
  struct Sender {
    CompressorState state;
    std::uint64_t step = 0;
  };
  Reduced sum_compact(Sender& sender, const Snapshot& mine, const Origin& origin, std::optional<bool> flag);
  Reduced gather(Sender& sender, const Snapshot& mine, const Origin& origin, std::optional<bool> flag);
  void compute(double flops, Kernel kernel) { learner_.compute(communicator_, flops, std::move(kernel)); }
  Collective& encoded_collective(double bytes_per_word);

  const CollectiveChoice& choice_;
  std::shared_ptr<const Compressor> compressor_;
  Communicator& communicator_;
  Learner& learner_;
  Group group_;
  Collective plain_;
  /// By the bytes that a word is on the wire.
  std::map<double, Collective> encoded_;
  /// By where the part begins.
  std::map<std::size_t, Sender> senders_;
};

/// What compression cannot do with this collective, if anything.
std::vector<std::string> compression_faults(const CollectiveChoice& choice, const Compressor* compressor);

}  // namespace descent
